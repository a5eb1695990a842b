// MemFs dies at every store to its vault in turn, and the next incarnation goes on over the same
// bytes.
//
// At each death the vault holds the acknowledged requests and all or nothing of the one in hand;
// the client, whose request is delivered again, gets the answers that it gets without a death.

using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.MemFs;

public sealed class VaultDeathTests
{
    private const int Chunks = 512;

    /// <summary>One run of the scenario, with a death at a store or without.</summary>
    private sealed class Run
    {
        private readonly HeapVaultMemory _vault = TestVault.Memory(Chunks);
        private readonly LoopbackMachine _machine = new();
        private readonly LoopbackServer _server;

        public Run(int dieAt, LastStore last = LastStore.Missing)
        {
            Memory = new MortalMemory(_vault, dieAt, last: last);
            _server = _machine.Serve("memfs", Make);
            LoopbackKernel client = _machine.CreateTask("client");
            Handle root = _server.Connect(client, OpenObjects.RootBadge);
            States.Add(Dump());
            Scenario = new VaultScenario(client, root, StepDone);
            Scenario.Run();
        }

        public MortalMemory Memory { get; }
        public VaultScenario Scenario { get; }
        /// <summary>The tree after each step; only where nobody dies.</summary>
        public List<string> States { get; } = [];
        public int StepAtDeath { get; private set; } = -1;
        public string? StateAtDeath { get; private set; }

        private bool IsFirst => StepAtDeath < 0;

        public string Dump() => TreeText.Of(new MemVault(_vault, TestVault.Options(Chunks)));

        private void StepDone()
        {
            if (!Memory.IsDead) States.Add(Dump());
        }

        private IServer Make(TaskContext task)
        {
            IVaultMemory memory = IsFirst ? Memory : _vault;
            MemFsServer server = new(
                TestVault.Options(Chunks), () => 1,
                new MemVault(memory, TestVault.Options(Chunks)));
            server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
            return new MortalServer(server, Died);
        }

        private void Died()
        {
            StepAtDeath = Scenario.Transcript.Count;
            StateAtDeath = Dump();
            _server.Restart(Make);
        }
    }

    [Test]
    public void Death_at_every_store_loses_nothing_and_repeats_nothing([Values] LastStore last)
    {
        int storesOfStart = StoresOfStart();
        Run calm = new(dieAt: -1);
        Assert.That(calm.Memory.Stores, Is.GreaterThan(storesOfStart + 200));
        for (int store = storesOfStart; store < calm.Memory.Stores; store++)
        {
            Run run = new(store, last);
            string when = $"store {store}, step {run.StepAtDeath}";
            Assert.That(run.Memory.IsDead, Is.True, when);
            bool isInParts = calm.Scenario.InParts.Contains(run.StepAtDeath);
            if (!isInParts) Assert.That(
                run.StateAtDeath, Is.EqualTo(calm.States[run.StepAtDeath])
                    .Or.EqualTo(calm.States[run.StepAtDeath + 1]), when);
            Assert.That(run.Scenario.Transcript, Is.EqualTo(calm.Scenario.Transcript), when);
            Assert.That(run.Dump(), Is.EqualTo(calm.Dump()), when);
        }
    }

    [Test]
    public void Death_while_a_vault_is_made_leaves_a_vault_that_is_made_anew()
    {
        MemFsOptions options = TestVault.Options(Chunks) with { DirectoriesAtStart = ["a", "b"] };
        string expected = Start(TestVault.Memory(Chunks));
        int deaths = 0;
        for (int store = 0; ; store++)
        {
            HeapVaultMemory vault = TestVault.Memory(Chunks);
            try
            {
                Start(new MortalMemory(vault, store));
                break;
            }
            catch (VaultDeath)
            {
                deaths++;
                Assert.That(Start(vault), Is.EqualTo(expected), $"store {store}");
            }
        }
        Assert.That(deaths, Is.GreaterThan(20));

        string Start(IVaultMemory memory)
        {
            MemVault vault = new(memory, options);
            MemFsServer server = new(options, () => 1, vault);
            Assert.That(server.NextDeadlineNs, Is.Zero);
            return TreeText.Of(new MemVault(memory, options));
        }
    }

    [TestCase(0UL, 0x3753_464D_454D_4B43UL)]
    [TestCase(8UL, 5UL)]
    [TestCase(16UL, 1UL)]
    public void Vault_that_cannot_be_read_is_never_made_anew(ulong offset, ulong word)
    {
        HeapVaultMemory memory = TestVault.Memory(Chunks);
        MemFsServer server = new(
            TestVault.Options(Chunks), () => 1, new MemVault(memory, TestVault.Options(Chunks)));
        Assert.That(server.NextDeadlineNs, Is.Zero);
        memory.Store(offset, word);
        Assert.That(
            () => new MemVault(memory, TestVault.Options(Chunks)),
            Throws.TypeOf<VaultDamagedException>());
    }

    private static int StoresOfStart()
    {
        MortalMemory memory = new(TestVault.Memory(Chunks));
        MemVault vault = new(memory, TestVault.Options(Chunks));
        MemFsServer server = new(TestVault.Options(Chunks), () => 1, vault);
        Assert.That(server.NextDeadlineNs, Is.Zero);
        return memory.Stores;
    }
}
