// The real machine: one x86-64 processor of a PC. Traps are in Trap.S, start-up in Boot.
//
// Owns every port and register of the platform until a driver is given one.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64;

// Safety: pointers are the shim's record and the direct map; both are there for ever.
public sealed unsafe class X64Machine : IMachine
{
    private const uint PendingTimer = 1u << 30, TimerBit = 1u << 31, LineBits = 0xFFFF;
    private const ulong LongestTimerNs = 1_000_000_000;
    /// <summary>Of a root's 512 entries: from here on they are the kernel's.</summary>
    private const int FirstShared = 128;
    private const ulong SharedBytes = (512 - FirstShared) * sizeof(ulong);
    private const ulong EntryFrame = 0x000F_FFFF_FFFF_F000;

    private readonly HandOver* _shim;
    /// <summary>The shim's two functions that each trap needs, at hand.</summary>
    private readonly delegate* unmanaged[SuppressGCTransition]<UserFrame*, uint> _resume;
    private readonly delegate* unmanaged[SuppressGCTransition]<ulong> _readNs;
    private readonly Pic _pic;
    private readonly Lapic _lapic;
    private readonly Clock _clock;
    private ulong _random;
    /// <summary>When a timer interrupt is wanted, and when the armed one comes.</summary>
    private ulong _wantedNs = ulong.MaxValue, _armedNs = ulong.MaxValue;

    /// <summary>Safety: the shim's record, valid for ever.</summary>
    public X64Machine(HandOver* shim)
    {
        _shim = shim;
        _resume = shim->Resume;
        _readNs = shim->ReadNs;
        _random = shim->Random();
        _lapic = new Lapic(PhysicalMemory);
        _clock = new Clock(this, _lapic);
        _pic = new Pic(this);
    }

    public byte* PhysicalMemory => (byte*)AddressMap.DirectMap;
    public ulong TscHz => _clock.TscHz;
    public ulong TscFirst => _shim->TscFirst;
    public ulong NsPerTscTick => _shim->NsPerTick;

    // Safety: the frame lives outside the heap, at a fixed address, as long as the machine.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Trap Resume(Thread thread) => new((TrapKind)_resume(thread.Frame), thread);

    /// <summary>Of `syscall`; Intel SDM volume 2.</summary>
    private const ulong CallBytes = 2;

    // Safety: as Resume. All registers but rcx and r11 are as they were before the call.
    public void RepeatCall(Thread thread) => thread.Frame->Rip -= CallBytes;

    public void Idle() => _shim->Idle();

    public uint TakeInterrupts()
    {
        uint pending = _shim->Cpu->PendingInterrupts;
        if (pending == 0) return 0;
        _shim->Cpu->PendingInterrupts = 0;
        uint result = 0;
        if ((pending & LineBits) != 0) result = _pic.Acknowledge(pending & LineBits);
        if ((pending & PendingTimer) != 0)
        {
            _lapic.Acknowledge();
            _armedNs = ulong.MaxValue;
            if (NowNs >= _wantedNs)
            {
                _wantedNs = ulong.MaxValue;
                result |= TimerBit;
            }
            else
            {
                StartTimer();
            }
        }
        return result;
    }

    public void MaskInterrupt(int line) => _pic.Mask(line);
    public void UnmaskInterrupt(int line) => _pic.Unmask(line);

    public ulong NowNs => _readNs();
    public ulong BootTimeNs => _clock.BootTimeNs;
    public ulong Tsc => _shim->ReadTsc();

    /// <summary>
    /// Time is 0 at the first argument; the second is nanoseconds a tick, times 2^32.
    /// </summary>
    public void StartClock(ulong tscFirst, ulong nsPerTick)
    {
        _shim->TscFirst = tscFirst;
        _shim->NsPerTick = nsPerTick;
    }

    /// <summary>
    /// An interrupt that comes too early is cheaper than to set the timer again: when a later
    /// deadline is wanted, the armed one stays, and TakeInterrupts sorts it out.
    /// </summary>
    public void ArmTimer(ulong deadlineNs)
    {
        _wantedNs = deadlineNs;
        if (deadlineNs < _armedNs) StartTimer();
    }

    private void StartTimer()
    {
        if (_wantedNs == ulong.MaxValue) return;
        ulong now = NowNs;
        ulong wait = _wantedNs > now ? _wantedNs - now : 0;
        if (wait > LongestTimerNs) wait = LongestTimerNs;
        ulong ticks = wait * (_clock.TimerHz / 1000) / 1_000_000 + 1;
        if (ticks > uint.MaxValue) ticks = uint.MaxValue;
        _armedNs = now + wait;
        _lapic.Start((uint)ticks);
    }

    public void InvalidatePage(ulong root, ulong address)
    {
        if (_shim->Cpu->Root == root) _shim->Invalidate(address);
    }

    public void CopyKernelMappings(ulong root)
    {
        // Safety: page tables of the direct map; the shim's own tables never move.
        ulong* target = (ulong*)(PhysicalMemory + root);
        ulong* source = (ulong*)(PhysicalMemory + _shim->Root);
        FrameTable.Copy(
            (byte*)(source + FirstShared), (byte*)(target + FirstShared), SharedBytes);
        ulong* lowTarget = (ulong*)(PhysicalMemory + (target[0] & EntryFrame));
        ulong* lowSource = (ulong*)(PhysicalMemory + (source[0] & EntryFrame));
        lowTarget[1] = lowSource[1];
    }

    public void ForgetRoot(ulong root)
    {
        if (_shim->Cpu->Root == root) _shim->LoadRoot(_shim->Root);
    }

    public uint ReadPort(ushort port, int widthBytes) =>
        _shim->UsePort(port, (uint)widthBytes, 0);

    public void WritePort(ushort port, int widthBytes, uint value) =>
        _shim->UsePort(port, (uint)widthBytes | HandOver.PortWrite, value);

    public void WriteSerial(byte value)
    {
        for (int tries = 0; tries < 100_000 && (ReadPort(0x3FD, 1) & 0x20) == 0; tries++)
        {
        }
        WritePort(0x3F8, 1, value);
    }

    /// <summary>RDRAND or the time stamp, mixed (SplitMix64).</summary>
    public ulong Random()
    {
        _random += 0x9E37_79B9_7F4A_7C15 ^ _shim->Random();
        ulong value = _random;
        value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB;
        return value ^ value >> 31;
    }

    /// <summary>Code 0: ACPI S5 of QEMU's and Bochs' chip sets. Others: isa-debug-exit.</summary>
    [DoesNotReturn]
    public void PowerOff(uint code)
    {
        if (code == 0)
        {
            WritePort(0x604, 2, 0x2000);
            WritePort(0xB004, 2, 0x2000);
            WritePort(0x4004, 2, 0x3400);
        }
        else
        {
            WritePort(0xF4, 1, code);
        }
        Stop();
    }

    /// <summary>Reset register of the chip set, then the keyboard controller.</summary>
    [DoesNotReturn]
    public void Reboot()
    {
        WritePort(0xCF9, 1, 0x02);
        WritePort(0xCF9, 1, 0x06);
        WritePort(0x64, 1, 0xFE);
        Stop();
    }

    /// <summary>Nothing is left to do: sleeps through whatever comes, with the timer off.</summary>
    [DoesNotReturn]
    private void Stop()
    {
        _lapic.Start(0);
        while (true)
        {
            _shim->Cpu->PendingInterrupts = 0;
            _shim->Idle();
        }
    }
}
