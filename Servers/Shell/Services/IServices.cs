// All that the shell can reach. The commands know nothing beneath this, so that they run on the
// host over fakes as well as in the guest.
//
// Rules: handles that an operation answers belong to the caller, who closes them.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;

namespace Servers.Shell.Services;

/// <summary>Fills all of the bytes, or says why not.</summary>
public delegate Status MemoryFiller(Span<byte> bytes);

public interface IServices
{
    IVfs Vfs { get; }
    ISupervisor Supervisor { get; }
    IPipes Pipes { get; }

    /// <summary>The console session of this shell.</summary>
    IConsole Console { get; }

    IFileSystem FileSystem(Handle directoryOrFile);
    IByteStream Stream(Handle stream);
    IDiskDriver DiskDriver(Handle disks);
    /// <summary>
    /// Memory that a process can be started from, with what the filler writes into it.
    /// </summary>
    Result<Handle> MakeProgram(int lengthBytes, MemoryFiller fill);

    void Close(Handle handle);

    /// <summary>Whether the newest call that got no reply may have had its effect.</summary>
    Outcome LastOutcome { get; }

    ulong NowNs { get; }

    /// <summary>Cancelled when Ctrl-C ends it early.</summary>
    Status Sleep(ulong nanoseconds);

    /// <summary>Rows of one kind from a cursor on (0 first; the next is 0 at the end).</summary>
    Result<InspectPage> Inspect(InspectKind kind, uint process, ulong cursor, Span<byte> rows);

    /// <summary>One slice of the audit of revocation, added to the report; as Inspect.</summary>
    Result<ulong> Audit(ulong cursor, ref AuditReport report);

    /// <summary>The kernel's trace; its rows are read with Inspect.</summary>
    Status SwitchTrace(TraceSwitch wanted);

    Result<LogPage> ReadLog(ulong cursor, Span<byte> text);

    Status PowerOff(int code);
    Status Reboot();
}
