// Hardware for the kernel on the host: RAM is an array, the clock is a number, user code is C#.
//
// Nothing happens by itself: time passes by a fixed step at each Resume and by what Idle or the
// test adds. Two runs with the same seed and the same code are the same run.

using CosmosKernel.Arch;
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tests.FakeMachine;

/// <summary>What a thread of a fake process runs when the kernel resumes it.</summary>
public abstract class UserCode
{
    /// <summary>Runs until the next trap. Its registers are in the thread's frame.</summary>
    public abstract TrapKind Run(CosmosKernel.Threads.Thread thread);

    /// <summary>Before it makes a call again: whether an interrupt comes first.</summary>
    public virtual bool TakesInterrupt(SimulatedMachine machine) => machine.HasInterrupt;

    /// <summary>False: it belonged to an earlier use of the thread's record.</summary>
    public virtual bool Serves(CosmosKernel.Threads.Thread thread) => true;
}

public sealed unsafe class SimulatedMachine : IMachine
{
    const uint TimerLine = 1u << 31;

    readonly byte[] memory;
    readonly UserCode?[] codes = new UserCode?[Shared.Abi.Limits.Threads];
    /// <summary>One more than the generation of a thread that makes its call again.</summary>
    readonly uint[] repeating = new uint[Shared.Abi.Limits.Threads];
    readonly StringBuilder serial = new();
    ulong randomState;
    uint pendingLines;

    public SimulatedMachine(ulong seed, int memoryBytes)
    {
        randomState = seed * 2 + 1;
        memory = GC.AllocateArray<byte>(memoryBytes + 4096, pinned: true);
        // Safety: the array is pinned, and a page longer than what is used of it.
        ulong first = (ulong)Unsafe.AsPointer(ref memory[0]);
        PhysicalMemory = (byte*)(first + 4095 & ~4095ul);
        MemoryBytes = (ulong)memoryBytes;
    }

    public byte* PhysicalMemory { get; }
    public ulong MemoryBytes { get; }
    public ulong NowNs { get; set; } = 1_000;
    public ulong BootTimeNs => 0;
    public ulong ArmedNs { get; private set; } = ulong.MaxValue;
    /// <summary>Added to the clock at each Resume.</summary>
    public ulong StepNs { get; set; } = 1_000;
    /// <summary>Idle moves the clock to the armed timer. Off: only the test moves it.</summary>
    public bool SkipsIdleTime { get; set; }
    /// <summary>Set by Idle when nothing will ever happen.</summary>
    public bool IsStuck { get; private set; }
    public string SerialText => serial.ToString();
    /// <summary>
    /// Makes code for a thread that has none yet; null: such a thread is an error.
    /// </summary>
    public Func<CosmosKernel.Threads.Thread, UserCode>? CodeFactory { get; set; }
    public Action? BeforeResume { get; set; }
    /// <summary>Called at each kernel entry, before the trap is answered.</summary>
    public Func<CosmosKernel.Threads.Thread, TrapKind, TrapKind>? OnTrap { get; set; }

    public void SetCode(CosmosKernel.Threads.Thread thread, UserCode? code) =>
        codes[thread.Index] = code;

    public UserCode? CodeOf(CosmosKernel.Threads.Thread thread) => codes[thread.Index];

    public Trap Resume(CosmosKernel.Threads.Thread thread)
    {
        IsStuck = false;
        BeforeResume?.Invoke();
        UserCode? code = codes[thread.Index];
        if (code is null || !code.Serves(thread))
            codes[thread.Index] = code = CodeFactory!(thread);
        bool isRepeating = IsRepeating(thread);
        bool isInterrupted = isRepeating && code.TakesInterrupt(this);
        if (!isInterrupted) repeating[thread.Index] = 0;
        TrapKind kind = isInterrupted ? TrapKind.Interrupt
            : isRepeating ? TrapKind.SystemCall : code.Run(thread);
        NowNs += StepNs;
        if (OnTrap is { } hook) kind = hook(thread, kind);
        return new Trap(kind, thread);
    }

    public bool HasInterrupt => pendingLines != 0 || NowNs >= ArmedNs;

    /// <summary>The thread makes the call that it has made last again.</summary>
    public bool IsRepeating(CosmosKernel.Threads.Thread thread) =>
        repeating[thread.Index] == thread.Generation + 1;

    public int Repeats { get; private set; }

    public void RepeatCall(CosmosKernel.Threads.Thread thread)
    {
        repeating[thread.Index] = thread.Generation + 1;
        Repeats++;
    }

    public void Idle()
    {
        if (pendingLines != 0) return;
        if (ArmedNs == ulong.MaxValue) IsStuck = true;
        else if (SkipsIdleTime && NowNs < ArmedNs) NowNs = ArmedNs;
    }

    public void RaiseInterrupt(int line) => pendingLines |= 1u << line;

    public uint TakeInterrupts()
    {
        uint lines = pendingLines;
        pendingLines = 0;
        if (NowNs < ArmedNs) return lines;
        ArmedNs = ulong.MaxValue;
        return lines | TimerLine;
    }

    /// <summary>Lines that are not masked; for tests: RaiseInterrupt does not look.</summary>
    public uint OpenLines { get; private set; }

    public void MaskInterrupt(int line) => OpenLines &= ~(1u << line);

    public void UnmaskInterrupt(int line) => OpenLines |= 1u << line;

    public void ArmTimer(ulong deadlineNs) => ArmedNs = deadlineNs;

    public void InvalidatePage(ulong root, ulong address)
    {
    }

    public void CopyKernelMappings(ulong root)
    {
    }

    public void ForgetRoot(ulong root)
    {
    }

    /// <summary>The far side of the first serial line; null: nothing answers at any port.</summary>
    public SerialLine? Line { get; set; }

    public uint ReadPort(ushort port, int widthBytes) => Line?.Read(port) ?? uint.MaxValue;

    public void WritePort(ushort port, int widthBytes, uint value)
    {
        Line?.Write(port, (byte)value);
        if (Line is { IsRaised: true }) RaiseInterrupt(SerialLine.InterruptNumber);
    }

    public void WriteSerial(byte value) => serial.Append((char)value);

    public ulong Random()
    {
        randomState ^= randomState << 13;
        randomState ^= randomState >> 7;
        randomState ^= randomState << 17;
        return randomState;
    }

    [DoesNotReturn]
    public void PowerOff(uint code) => throw new MachineOffException(code);

    [DoesNotReturn]
    public void Reboot() => throw new MachineOffException(uint.MaxValue);
}

/// <summary>The guest has switched the machine off.</summary>
public sealed class MachineOffException(uint code) : Exception($"power off with code {code}")
{
    public uint Code { get; } = code;
}
