// Opens the vault of a task that must serve whatever its vault holds.
//
// Rules: a vault that cannot be read is left as it is, for somebody who can, and the task goes on
// with one that dies with it: a terminal without yesterday's lines is better than no terminal.
// Whose vault holds what people keep (MemFs) does not do so: it says why, and is given up.

using System;
using Shared.Sdk.Native;

namespace Shared.Sdk.Vaults;

public static class TaskVault
{
    /// <param name="lengthBytes">Of a vault in this process, where there is no other.</param>
    /// <param name="open">Reads all of the vault; may be called a second time.</param>
    public static T Open<T>(TaskContext task, ulong lengthBytes, Func<IVaultMemory, T> open)
    {
        NativeVaultMemory? memory = NativeVaultMemory.Find(task);
        if (memory is null)
        {
            task.Log("no vault: what this process knows dies with it");
            return open(new HeapVaultMemory(lengthBytes));
        }
        return Open(task, memory, lengthBytes, open);
    }

    /// <summary>Open with a vault that a test has made.</summary>
    public static T Open<T>(
        TaskContext task, IVaultMemory memory, ulong lengthBytes, Func<IVaultMemory, T> open)
    {
        try
        {
            return open(memory);
        }
        catch (VaultDamagedException exception)
        {
            task.Log($"vault left alone: {exception.Message}");
            return open(new HeapVaultMemory(lengthBytes));
        }
    }
}
