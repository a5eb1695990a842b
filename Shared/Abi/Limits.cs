// Every fixed size of the system. A limit that is not here does not exist.

namespace Shared.Abi;

public static class Limits
{
    public const int Processes = 512;
    public const int Threads = 1024;
    public const int Capabilities = 65536;
    public const int Endpoints = 2048;
    public const int Notifications = 1024;
    public const int MemoryObjects = 1024;
    public const int Vaults = 256;
    public const int PortRanges = 64;
    public const int RegionsPerProcess = 512;
    public const int LastWordsBytes = 2048;
    public const int LogBytes = 256 * 1024;
    public const int MaxPathBytes = 4096;
    public const int MaxNameBytes = 255;
    /// <summary>
    /// Most bytes that one Write or Append of a file takes; it is all or nothing.
    /// </summary>
    public const int MaxWriteBytes = 1024 * 1024;
    /// <summary>Deepest chain of minted capabilities; a deeper mint is QuotaExceeded.</summary>
    public const int MintDepth = 32;
    /// <summary>Longest chain of nested calls, for lending of priorities and deadlines.</summary>
    public const int CallDepth = 16;
    public const int PageBytes = 4096;
    /// <summary>Directories that one program may be confined to (run --mount).</summary>
    public const int DirectoriesOfProgram = 16;
    /// <summary>Bytes of arguments and environment that ProcessStart takes.</summary>
    public const int StartBlockBytes = 32 * 1024;
    /// <summary>Events that the kernel's trace holds, of 32 bytes each.</summary>
    public const int TraceRows = 8192;
}

/// <summary>Where things lie in an address space; docs, architecture section 2.</summary>
public static class AddressMap
{
    public const ulong UserLowFirst = 0x40_0000;            // 4 MiB
    public const ulong UserLowEnd = 0x4000_0000;            // 1 GiB: the kernel image
    public const ulong UserHighFirst = 0x1_0000_0000;       // 4 GiB
    public const ulong UserHighEnd = 0x4000_0000_0000;      // 64 TiB: kernel heap and stacks
    public const ulong VaultFirst = 0x10_0000_0000;         // 64 GiB: a process's vault
    public const ulong MainStackTop = 0x3FFF_F000_0000;     // grows down to its guard page
    public const ulong DirectMap = 0xFFFF_8000_0000_0000;

    /// <summary>The one function that decides what ring 3 may name.</summary>
    public static bool IsUser(ulong address, ulong lengthBytes)
    {
        ulong end = address + lengthBytes;
        if (end < address) return false;
        return (address >= UserLowFirst && end <= UserLowEnd)
            || (address >= UserHighFirst && end <= UserHighEnd);
    }
}
