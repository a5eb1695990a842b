// The machine has no frame left, and the dead have some: whoever needs one waits for one slice.

using System;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LastFrameTests : IDisposable
{
    private const int Handles = 220;

    private readonly MemoryBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private Process MakeHolder()
    {
        Process holder = _bench.MakeProcess();
        holder.HandleQuota = Handles;
        for (int count = 0; count < Handles; count++)
        {
            _bench.Kernel.Capabilities.Create(
                holder, ObjectType.Machine, 0, Rights.All, out Handle _);
        }

        return holder;
    }

    private void TakeAllFrames()
    {
        while (_bench.Kernel.Frames.FreeFrames > 0) _bench.Kernel.Frames.TryTake();
    }

    [Test]
    public void Memory_of_the_dead_comes_before_their_handles()
    {
        Process holder = MakeHolder();
        TakeAllFrames();
        Assert.That(_bench.Kernel.Frames.TryTake(), Is.Zero);
        ProcessDeath.Kill(_bench.Kernel, holder, DeathCause.Killed);
        Assert.That(_bench.Kernel.Frames.TryTake(), Is.Not.Zero);
        Assert.That(holder.Handles.Count, Is.GreaterThan(Handles / 2));
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(holder.Handles.Count, Is.Zero);
        Assert.That(holder.IsReclaimed, Is.True);
        Assert.That(holder.MemoryPages, Is.Zero);
    }

    [Test]
    public void Memory_that_handles_of_the_dead_hold_is_found_too()
    {
        Process holder = MakeHolder();
        holder.HandleQuota++;
        _bench.Call(holder.MainThread!, SystemCall.MemoryCreate, 4096);
        Assert.That(_bench.Kernel.MemoryObjects.Count, Is.EqualTo(2), "the image, and this one");
        _bench.Kernel.MemoryObjects[1].FrameOf(_bench.Kernel.Frames, 0);
        ProcessDeath.Kill(_bench.Kernel, holder, DeathCause.Killed);
        int steps = int.MaxValue;
        _bench.Kernel.Mappings.ReclaimSlice(holder, ref steps);
        TakeAllFrames();
        Assert.That(_bench.Kernel.Frames.TryTake(), Is.Not.Zero);
    }
}
