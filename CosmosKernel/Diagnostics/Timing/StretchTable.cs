// How long the kernel keeps the processor, by what it was entered for: the longest stretch of each
// kind, from a trap to the return to ring 3 or to the halt.
//
// Rules: the kernel runs with interrupts off, so a stretch is how long an interrupt may wait. Only
// Kernel.RunTimed and RunIdle call Begin and End; while the table is off the kernel's loop is
// another one, which knows nothing of it. The trap assembly around a stretch, about a hundred
// instructions, is not in it; a stretch that has begun before the table was on is not counted.

using CosmosKernel.Arch;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Timing;

public sealed unsafe class StretchTable
{
    private const int LinuxCalls = 512, OwnCalls = 128, Vectors = 32;
    private const int FirstOwn = LinuxCalls, FirstVector = FirstOwn + OwnCalls;
    private const int Interrupt = FirstVector + Vectors, Idle = Interrupt + 1;
    private const int Other = Idle + 1, None = -1;
    /// <summary>Rows, of which most are never counted.</summary>
    public const int Capacity = Other + 1;

    private readonly StretchRow[] _rows = new StretchRow[Capacity];
    private int _kind = None;
    private ulong _enteredTsc;

    public bool IsOn { get; private set; }

    public ref readonly StretchRow this[int index] => ref _rows[index];

    /// <summary>On: empty, and counting from the next entry after the next idle moment.</summary>
    public void Switch(bool isOn)
    {
        IsOn = isOn;
        _kind = None;
        if (!isOn) return;
        for (int index = 0; index < _rows.Length; index++) _rows[index] = RowOf(index);
    }

    public void Begin(in Trap trap, ulong tsc)
    {
        _enteredTsc = tsc;
        UserFrame* frame = trap.Thread.Frame;
        _kind = trap.Kind switch
        {
            TrapKind.SystemCall => IndexOfCall(frame->Rax),
            TrapKind.Fault => frame->Vector < Vectors ? FirstVector + (int)frame->Vector : Other,
            _ => Interrupt,
        };
    }

    /// <summary>An interrupt has ended the halt.</summary>
    public void BeginAfterIdle(ulong tsc)
    {
        _enteredTsc = tsc;
        _kind = Idle;
    }

    /// <summary>The processor is about to leave the kernel, or to halt.</summary>
    public void End(ulong tsc)
    {
        if (_kind == None) return;
        ref StretchRow row = ref _rows[_kind];
        _kind = None;
        ulong ticks = tsc - _enteredTsc;
        row.Count++;
        row.TotalTicks += ticks;
        if (ticks > row.LongestTicks) row.LongestTicks = ticks;
    }

    private static int IndexOfCall(ulong number)
    {
        if (number < LinuxCalls) return (int)number;
        ulong own = number - (ulong)SystemCall.First;
        return own < OwnCalls ? FirstOwn + (int)own : Other;
    }

    private static StretchRow RowOf(int index) => index switch
    {
        < FirstOwn => new() { Kind = StretchKind.Call, Number = (uint)index },
        < FirstVector => new()
        {
            Kind = StretchKind.Call, Number = (uint)SystemCall.First + (uint)(index - FirstOwn),
        },
        < Interrupt => new()
        {
            Kind = StretchKind.Fault, Number = (uint)(index - FirstVector),
        },
        Interrupt => new() { Kind = StretchKind.Interrupt },
        Idle => new() { Kind = StretchKind.Idle },
        _ => new() { Kind = StretchKind.Other },
    };
}
