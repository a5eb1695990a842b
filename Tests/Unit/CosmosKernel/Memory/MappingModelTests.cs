// Random maps, unmaps, protects and discards, beside a map from page to what it must be.

using System;
using System.Collections.Generic;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CsCheck;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed class MappingModelTests
{
    private const int Pages = 48;

    private readonly record struct Step(int Kind, int First, int Count, int Protection);

    private static readonly Gen<Step> GenStep =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, Pages - 1], Gen.Int[1, 12], Gen.Int[0, 3],
            (kind, first, count, protection) =>
                new Step(kind, first, Math.Min(count, Pages - first), protection));

    private static readonly Protection[] Protections =
    [
        Protection.None, Protection.Read, MemoryBench.ReadWrite,
        Protection.Read | Protection.Execute,
    ];

    private sealed class ModelPage
    {
        public Protection Protection;
        public byte Value;
    }

    [Test]
    public void Mappings_behave_as_a_map_of_pages_whatever_is_done()
    {
        GenStep.Array[1, 60].Sample(steps =>
        {
            using MemoryBench bench = new();
            Process process = bench.MakeBareProcess();
            Dictionary<int, ModelPage> model = [];
            byte next = 1;
            foreach (Step step in steps) Apply(bench, process, model, step, ref next);
            bench.End(process);
            Assert.That(bench.Kernel.Frames.FreeFrames, Is.EqualTo(bench.FreeAtStart));
        }, iter: 200, threads: 1);
    }

    private static void Apply(
        MemoryBench bench, Process process, Dictionary<int, ModelPage> model, Step step,
        ref byte next)
    {
        ulong first = MemoryBench.Base + (ulong)step.First * MemoryBench.Page;
        ulong end = first + (ulong)step.Count * MemoryBench.Page;
        Protection protection = Protections[step.Protection];
        switch (step.Kind)
        {
            case 0:
                Status mapped = bench.Map(process, first, (ulong)step.Count, protection);
                bool isFree = CountMapped(model, step) == 0;
                Assert.That(mapped, Is.EqualTo(isFree ? Status.Ok : Status.BadArgument));
                if (isFree) ForEach(step, i => model[i] = new() { Protection = protection });
                break;
            case 1:
                Assert.That(bench.Kernel.Mappings.TryUnmapPart(process, first, end),
                    Is.EqualTo(Status.Ok));
                ForEach(step, i => model.Remove(i));
                break;
            case 2:
                bool isWhole = CountMapped(model, step) == step.Count;
                Assert.That(bench.Kernel.Mappings.TryProtectPart(
                        process, first, end, protection),
                    Is.EqualTo(isWhole ? Status.Ok : Status.NotFound));
                if (isWhole) ForEach(step, i => model[i].Protection = protection);
                break;
            case 3:
                Assert.That(bench.Kernel.Mappings.DiscardPart(process, first, end), Is.True);
                ForEach(step, i => { if (model.TryGetValue(i, out var page)) page.Value = 0; });
                break;
            default:
                WriteAll(bench, process, model, step, next++);
                break;
        }

        Check(bench, process, model);
    }

    private static void WriteAll(
        MemoryBench bench, Process process, Dictionary<int, ModelPage> model, Step step, byte value)
    {
        ForEach(step, i =>
        {
            bool may = model.TryGetValue(i, out var page)
                && (page.Protection & Protection.Write) != 0;
            ulong address = MemoryBench.Base + (ulong)i * MemoryBench.Page + 17;
            Assert.That(bench.TryWriteByte(process, address, value), Is.EqualTo(may));
            if (may) page!.Value = value;
        });
    }

    private static void Check(
        MemoryBench bench, Process process, Dictionary<int, ModelPage> model)
    {
        Span<byte> one = stackalloc byte[1];
        int runs = 0;
        for (int i = 0; i < Pages; i++)
        {
            ulong address = MemoryBench.Base + (ulong)i * MemoryBench.Page + 17;
            bool may = model.TryGetValue(i, out var page)
                && (page.Protection & Protection.Read) != 0;
            // Not Assert.That: this runs a million times.
            if (bench.Kernel.UserMemory.TryRead(process, address, one) != may)
                Assert.Fail($"page {i}: read should be {may}");
            if (may && one[0] != page!.Value) Assert.Fail($"page {i}: {one[0]}, not {page.Value}");
            bool isRunStart = page is not null
                && (!model.TryGetValue(i - 1, out var before)
                    || before.Protection != page.Protection);
            if (isRunStart) runs++;
        }

        Assert.That(process.AddressSpace.RegionCount, Is.EqualTo(runs), "neighbours are merged");
    }

    private static int CountMapped(Dictionary<int, ModelPage> model, Step step)
    {
        int count = 0;
        ForEach(step, i => count += model.ContainsKey(i) ? 1 : 0);
        return count;
    }

    private static void ForEach(Step step, Action<int> action)
    {
        for (int i = step.First; i < step.First + step.Count; i++) action(i);
    }
}
