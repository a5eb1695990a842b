// The Inspect and LogRead calls of a loopback machine, over rows that a test lays down.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Conformance;

/// <summary>Install it as LoopbackMachine.OtherCalls.</summary>
public sealed class InspectedKernel
{
    public List<ProcessRow> Processes { get; } = [];
    public List<CapabilityRow> Capabilities { get; } = [];
    public List<WaitRow> Waits { get; } = [];
    public List<ImageRow> Images { get; } = [];
    public KernelCounters Counters;
    public string CommandLine { get; set; } = "quiet";
    public string Log { get; set; } = "";

    public void AddProcess(uint id, string name)
    {
        ProcessRow row = new() { Id = id, State = ProcessState.Running, MemoryPages = 10 };
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<ProcessRow>(ref row));
        int offset = (int)Marshal.OffsetOf<ProcessRow>(nameof(ProcessRow.Name));
        Encoding.UTF8.GetBytes(name, bytes[offset..]);
        Processes.Add(row);
    }

    public CallResult Invoke(LoopbackKernel caller, ref Registers registers)
    {
        switch ((SystemCall)registers.Number)
        {
            case SystemCall.Inspect:
                byte[] table = Table((InspectKind)registers.A1, out int rowBytes);
                return Page(ref registers, table, rowBytes);
            case SystemCall.LogRead:
                return ReadLog(ref registers);
            default:
                return new CallResult(Status.NotSupported);
        }
    }

    private byte[] Table(InspectKind kind, out int rowBytes)
    {
        switch (kind)
        {
            case InspectKind.Processes: return Bytes(Processes, out rowBytes);
            case InspectKind.Capabilities: return Bytes(Capabilities, out rowBytes);
            case InspectKind.Waits: return Bytes(Waits, out rowBytes);
            case InspectKind.Images: return Bytes(Images, out rowBytes);
            case InspectKind.Counters: return Bytes([Counters], out rowBytes);
            default:
                rowBytes = 1;
                return Encoding.UTF8.GetBytes(CommandLine);
        }
    }

    private static byte[] Bytes<T>(List<T> rows, out int rowBytes) where T : unmanaged
    {
        rowBytes = Marshal.SizeOf<T>();
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(rows)).ToArray();
    }

    // Cursors are bytes of the table here; the contract does not say what they are.
    private static CallResult Page(ref Registers registers, byte[] table, int rowBytes)
    {
        int start = (int)registers.A2;
        int room = (int)registers.A4 / rowBytes * rowBytes;
        int count = Math.Min(room, table.Length - start);
        Marshal.Copy(table, start, (nint)registers.A3, count);
        registers.A0 = start + count < table.Length ? (ulong)(start + count) : 0;
        registers.A1 = (ulong)count;
        return new CallResult(Status.Ok);
    }

    private CallResult ReadLog(ref Registers registers)
    {
        byte[] rest = Encoding.UTF8.GetBytes(Log).Skip((int)registers.A1).ToArray();
        int count = Math.Min(rest.Length, (int)registers.A3);
        Marshal.Copy(rest, 0, (nint)registers.A2, count);
        registers.A0 = (ulong)count;
        registers.A1 += (ulong)count;
        return new CallResult(Status.Ok);
    }
}

/// <summary>Answers ISupervisor.ListMounts, two lines a page, and nothing else.</summary>
public sealed class MountLister(params string[] lines) : IServer
{
    private const int ListMounts = 3;
    private const int LinesPerPage = 2;

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request)
    {
        if (request.Operation != ListMounts || !request.Expect(1)) return;
        int first = (int)request.Take<ulong>();
        if (!request.TakeLease(out WriteLease text)) return;
        string[] page = lines.Skip(first).Take(LinesPerPage).ToArray();
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(page.Select(line => line + "\n")));
        text.CopyFrom(0, bytes);
        int next = first + page.Length;
        request.Answer<TextPage>(
            new TextPage((uint)bytes.Length, next < lines.Length ? (ulong)next : 0));
    }

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }
}
