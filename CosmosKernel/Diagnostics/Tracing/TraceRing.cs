// The kernel's trace: a ring of rows, made at boot. Who wants to know switches it on.
//
// Rules: Kernel.IsTracing is looked at before anything here is called, so a kernel that does not
// trace pays for that look alone, and the short path not even for it: while the trace is on, its
// two calls go the long way (Kernel.ShortCall). Nothing here changes what the kernel does.

using System;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Tracing;

public sealed class TraceRing(Kernel kernel, int capacity)
{
    private readonly TraceRow[] _rows = new TraceRow[capacity];
    /// <summary>Rows that were ever written since it was switched on.</summary>
    private ulong _end;
    private ulong _lastNs;

    /// <summary>Number of the oldest row that is still there, and of the next to come.</summary>
    public ulong First => _end > (ulong)_rows.Length ? _end - (ulong)_rows.Length : 0;
    public ulong End => _end;

    public TraceRow this[ulong number] => _rows[number % (ulong)_rows.Length];

    public void Clear()
    {
        _end = 0;
        _lastNs = kernel.NowNs;
    }

    /// <summary>
    /// The thread has trapped: it has run since the last trap. One row for all of its traps in a
    /// row.
    /// </summary>
    public void Ran(Thread thread)
    {
        ulong startNs = _lastNs;
        _lastNs = kernel.NowNs;
        if (_end != 0)
        {
            ref TraceRow last = ref _rows[(_end - 1) % (ulong)_rows.Length];
            if (last.Kind == TraceKind.Ran && last.Rest.Thread == thread.Id)
            {
                last.TimeNs = kernel.NowNs;
                return;
            }
        }

        Next(TraceKind.Ran, thread.Process).Rest =
            new TraceRest { StartNs = startNs, Thread = thread.Id };
    }

    /// <summary>Nobody has run until now.</summary>
    public void Idled() => _lastNs = kernel.NowNs;

    public void Called(CallRequest request)
    {
        ref TraceRow row = ref Next(TraceKind.Call, request.Caller.Process);
        row.Code = request.Info.Code;
        row.Rest = RestOf(request, request.Caller, request.Endpoint?.Server);
    }

    public void Delivered(CallRequest request, Thread receiver)
    {
        ref TraceRow row = ref Next(TraceKind.Deliver, receiver.Process);
        row.Code = request.Info.Code;
        row.Detail = (byte)Math.Min(request.Attempt, byte.MaxValue);
        row.Rest = RestOf(request, receiver, request.Caller.Process);
    }

    public void Replied(CallRequest request, Thread server, Status status)
    {
        ref TraceRow row = ref Next(TraceKind.Reply, server.Process);
        row.Code = (ushort)status;
        row.Rest = RestOf(request, server, request.Caller.Process);
    }

    public void Ended(CallRequest request, Status status)
    {
        ref TraceRow row = ref Next(TraceKind.End, request.Caller.Process);
        row.Code = (ushort)status;
        row.Rest = RestOf(request, request.Caller, request.Server?.Process);
    }

    public void Started(Process process) => Next(TraceKind.Start, process);

    /// <summary>With its name, for by the time that somebody looks it may be gone.</summary>
    public void Died(Process process)
    {
        Next(TraceKind.Death, process).Detail = (byte)process.Death.Cause;
        ReadOnlySpan<byte> name = process.NameText;
        for (byte part = 0; name.Length > 0; part++)
        {
            int count = Math.Min(name.Length, TraceText.Bytes);
            ref TraceRow row = ref Next(TraceKind.Name, process);
            row.Detail = part;
            name[..count].CopyTo(row.Rest.Text);
            name = name[count..];
        }
    }

    private static TraceRest RestOf(CallRequest request, Thread thread, Process? peer) => new()
    {
        RequestId = request.Id.Value, Thread = thread.Id, Peer = peer?.Id.Value ?? 0,
    };

    private ref TraceRow Next(TraceKind kind, Process process)
    {
        ref TraceRow row = ref _rows[_end++ % (ulong)_rows.Length];
        row = new TraceRow { TimeNs = kernel.NowNs, Kind = kind, Process = process.Id.Value };
        return ref row;
    }
}
