// Memory that a device may write: where it lies is told, and it is never anybody else's.

using System.Collections.Generic;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Devices;

public sealed unsafe class DmaMemoryTests
{
    private const ulong Device = 0x1F1, OtherDevice = 0x1F2;
    private const ulong LengthBytes = 4 * Limits.PageBytes;

    private KernelBench _bench = null!;

    [SetUp] public void SetUp() => _bench = new KernelBench();

    private Process NewMaker(out ulong machine)
    {
        Process maker = _bench.NewProcess("maker", Layer.Supervisor);
        machine = _bench.Grant(maker, ObjectType.Machine);
        return maker;
    }

    private HashSet<ulong> Frames(Process process, ulong memory)
    {
        HashSet<ulong> frames = [];
        for (ulong page = 0; page < LengthBytes / Limits.PageBytes; page++)
            frames.Add(_bench.Make(process, SystemCall.DmaAddress, memory, page));
        return frames;
    }

    [Test]
    public void Frames_are_told_one_by_one_and_differ()
    {
        Process maker = NewMaker(out ulong machine);
        ulong memory = _bench.Make(maker, SystemCall.DmaCreate, machine, Device, LengthBytes);
        Assert.That(Frames(maker, memory), Has.Count.EqualTo(4));
        Assert.That(Frames(maker, memory), Has.None.Matches<ulong>(
            static frame => frame == 0 || frame % Limits.PageBytes != 0));
        Assert.That(
            _bench.Do(maker, SystemCall.DmaAddress, memory, 4).Status,
            Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Device_keeps_its_frames_when_everybody_who_held_them_is_dead()
    {
        Process maker = NewMaker(out ulong machine);
        ulong memory = _bench.Make(maker, SystemCall.DmaCreate, machine, Device, LengthBytes);
        HashSet<ulong> frames = Frames(maker, memory);
        ulong free = _bench.Kernel.Frames.FreeFrames;
        ProcessDeath.Kill(_bench.Kernel, maker, DeathCause.Killed);
        _bench.Reclaim();
        KernelAudit.Check(_bench.Kernel);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free));

        Process next = NewMaker(out machine);
        ulong again = _bench.Make(next, SystemCall.DmaCreate, machine, Device, LengthBytes);
        Assert.That(Frames(next, again), Is.EqualTo(frames));
        ulong other = _bench.Make(next, SystemCall.DmaCreate, machine, OtherDevice, LengthBytes);
        Assert.That(Frames(next, other), Has.None.Matches<ulong>(frames.Contains));
    }

    [Test]
    public void Bad_requests_are_refused()
    {
        Process maker = NewMaker(out ulong machine);
        ulong weak = _bench.Grant(maker, ObjectType.Machine, 0, Rights.Inspect);
        ulong plain = _bench.Make(maker, SystemCall.MemoryCreate, LengthBytes);
        _bench.Make(maker, SystemCall.DmaCreate, machine, Device, LengthBytes);
        Assert.Multiple(() =>
        {
            Assert.That(Create(weak, OtherDevice, LengthBytes), Is.EqualTo(Status.NoRight));
            Assert.That(Create(machine, 0x1_0000, LengthBytes), Is.EqualTo(Status.BadArgument));
            Assert.That(Create(machine, OtherDevice, 0), Is.EqualTo(Status.BadArgument));
            Assert.That(Create(machine, OtherDevice, 1UL << 40), Is.EqualTo(Status.BadArgument));
            Assert.That(Create(machine, Device, 2 * LengthBytes), Is.EqualTo(Status.Locked));
            Assert.That(
                _bench.Do(maker, SystemCall.DmaAddress, plain, 0).Status,
                Is.EqualTo(Status.WrongType));
        });

        Status Create(ulong by, ulong device, ulong lengthBytes) =>
            _bench.Do(maker, SystemCall.DmaCreate, by, device, lengthBytes).Status;
    }
}
