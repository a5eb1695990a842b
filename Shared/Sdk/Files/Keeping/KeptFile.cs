// An open file that its program may have back after it was closed.
//
// Whoever has it open owns it; while it is closed, KeptPath does.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

public sealed class KeptFile
{
    private readonly KeptFiles _all;
    private bool _isLocked;

    internal KeptFile(KeptFiles all, KeptPath path)
    {
        _all = all;
        Path = path;
    }

    internal KeptPath Path { get; }

    /// <summary>Of the mounts, before it was opened; 0: there were no words.</summary>
    internal ulong Generation { get; init; }

    /// <summary>Of its server's names, before it was opened.</summary>
    internal ulong Names { get; init; }

    /// <summary>Null: it has still to be opened.</summary>
    public FileSystemClient? Client { get; private set; }

    /// <summary>Of who has opened it: whatever he wants to know when he has it back.</summary>
    public uint MountId { get; private set; }

    public void Opened(FileSystemClient client, uint mountId = 0)
    {
        Client = client;
        MountId = mountId;
        if (Generation == 0) _all.Watch(this);
    }

    /// <summary>A lock goes with the capability, and that with its lock.</summary>
    public void Locked(LockMode mode, Status status)
    {
        if (mode != LockMode.None) _isLocked = true;
        else if (status == Status.Ok) _isLocked = false;
    }

    /// <summary>
    /// True: its owner has no more to do with it. False: it has to be closed as any other.
    /// </summary>
    public bool TryClose() => Generation != 0 && !_isLocked && _all.TryClose(this);
}
