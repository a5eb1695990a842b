// A request that was committed is answered from the record, at whichever store its server dies.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Vaults;

public sealed class RequestLogTests
{
    private const ulong VaultBytes = 8 * 4096;
    private const int Calls = 20;

    /// <summary>Counts Version calls; the number of the call is the answer.</summary>
    private sealed class Counter : IServer, IVfsHandler
    {
        private readonly SmallVault _vault;
        private readonly RecordTable _counts;
        private readonly RequestLog _requests;

        public Counter(IVaultMemory memory)
        {
            _vault = new SmallVault(memory, "CKTESTS1", logWords: 16);
            _counts = new RecordTable(_vault, slots: 1, maxBytes: 8);
            _requests = new RequestLog(_vault, slots: 4);
            _vault.Publish();
        }

        public ulong NextDeadlineNs => 0;

        public void Handle(Request request) => VfsDispatcher.Dispatch(this, request);

        public void Commit() => _vault.Commit();

        public Result<ulong> Version(Request request)
        {
            if (_requests.TryFind(request, out ulong answer)) return answer;
            ulong count = 1 + (_counts.TryGet(1, out ReadOnlySpan<byte> bytes)
                ? new RecordReader(bytes).Number() : 0);
            RecordWriter writer = new(new byte[8]);
            writer.Number(count);
            _counts.Put(1, writer.Bytes);
            _requests.Record(request, count);
            return count;
        }

        public Result<Resolved> Resolve(Request request, string path) => Status.NotFound;

        public Result<ListedTargets> List(Request request, WriteLease targets) => Status.NotFound;

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

    private static ulong[] Run(int dieAt, out MortalMemory memory)
    {
        HeapVaultMemory vault = new(VaultBytes);
        MortalMemory mortal = new(vault, dieAt);
        memory = mortal;
        LoopbackMachine machine = new();
        LoopbackServer server = null!;
        // What dies before it serves is made anew by the next one.
        server = machine.Serve("counter", Make);
        LoopbackKernel task = machine.CreateTask("client");
        VfsClient client = new(task, server.Connect(task));
        return Enumerable.Range(0, Calls).Select(_ => client.Version().Value).ToArray();

        IServer Make(TaskContext task)
        {
            try
            {
                Counter counter = new(mortal.IsDead ? vault : mortal);
                return new MortalServer(counter, () => server.Restart(Make));
            }
            catch (VaultDeath)
            {
                return new Counter(vault);
            }
        }
    }

    [Test]
    public void Each_call_counts_once_whatever_dies()
    {
        Assert.That(Run(-1, out MortalMemory calm), Is.EqualTo(Answers));
        for (int store = 0; store < calm.Stores; store++)
        {
            Assert.That(Run(store, out MortalMemory memory), Is.EqualTo(Answers), $"store {store}");
            Assert.That(memory.IsDead, Is.True);
        }
    }

    /// <summary>Also round the end of the numbers, and after a look for the place.</summary>
    [TestCase(2, 70_000), TestCase(6, 140_000), TestCase(64, 65_600), TestCase(6, 2)]
    public void Oldest_entry_makes_room_whoever_records(int slots, int calls)
    {
        HeapVaultMemory vault = new(VaultBytes);
        SmallVault small = new(vault, "CKTESTS1", logWords: 16);
        RequestLog requests = new(small, slots);
        ulong first = small.EndBytes - 4096;
        small.Publish();
        int direct = slots / 2;
        uint numbers = (uint)(65536 / direct * direct);
        for (ulong id = 1; id <= (ulong)calls; id++)
        {
            requests.Record(new RequestId(id), id);
            small.Commit();
            if (id % 997 == 0)
            {
                small = new SmallVault(vault, "CKTESTS1", logWords: 16);
                requests = new RequestLog(small, slots);
                small.Publish();
            }
        }
        List<uint> sequences = [];
        List<ulong> ids = [];
        for (ulong slot = 0; slot < (ulong)direct; slot++)
        {
            if (vault.Load(first + slot * 16 + 8) == 0) continue;
            ids.Add(vault.Load(first + slot * 16));
            sequences.Add((uint)vault.Load(first + slot * 16 + 8) & 0xFFFF);
        }
        int kept = Math.Min(direct, calls);
        Assert.That(ids.Order(), Is.EqualTo(
            Enumerable.Range(calls - kept + 1, kept).Select(id => (ulong)id)));
        uint last = (uint)((calls - 1) % numbers);
        Assert.That(sequences, Is.EquivalentTo(Enumerable.Range(0, kept)
            .Select(age => (last + numbers - (uint)age) % numbers)));
    }

    private static ulong[] Answers =>
        Enumerable.Range(1, Calls).Select(number => (ulong)number).ToArray();
}
