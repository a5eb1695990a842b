// MemFs alone, under random work, dying at a random store to its vault again and again; also while
// it recovers.
//
// Cheap, so that there can be many deaths: no kernel, and the calls run the server in place. The
// client lives, and gets the right answer to each operation.

using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using System;
using System.Linq;
using Tests.Loopback;

namespace Tests.Simulation.Work;

public sealed class VaultWork
{
    const int Chunks = 512;
    const int OperationsPerCheck = 100;
    const int LargestTree = 60;

    static readonly MemFsOptions Options = MemFsOptions.Default with
    {
        QuotaBytes = Chunks * ChunkStore.ChunkBytes,
    };

    readonly Random random;
    readonly int largestLife;
    readonly HeapVaultMemory vault = new(VaultLayout.For(Options.QuotaBytes).EndBytes);
    readonly LoopbackMachine machine = new();
    readonly LoopbackServer server;
    readonly OperationRunner runner;
    readonly FileSystemClient root;
    bool mayDie;

    public VaultWork(int seed)
    {
        random = new Random(seed);
        // Short lives die in recovery as well, long ones in the middle of things. The longest
        // transaction must fit the shortest; each of its words is four stores.
        largestLife = 400 << random.Next(3);
        mayDie = true;
        server = machine.Serve("memfs", Make);
        LoopbackKernel client = machine.CreateTask("client");
        Handle handle = server.Connect(client, OpenObjects.RootBadge);
        root = new FileSystemClient(client, handle);
        runner = new OperationRunner(client, handle);
    }

    public int Deaths { get; private set; }

    /// <summary>Works until so many deaths have happened. Throws what is wrong.</summary>
    public void Run(int deaths)
    {
        int[] weights = Operation.Weights(random);
        TreeModel model = new();
        for (int number = 0; Deaths < deaths; number++)
        {
            Operation next = Operation.Next(random, weights);
            string answer = runner.Do(next);
            string expected = model.Apply(next);
            if (answer != expected) throw new InvalidOperationException(
                $"operation {number} ({next}): '{answer}', expected '{expected}'");
            if (number % OperationsPerCheck == 0) model = Compare(model, number);
            if (number > deaths * 1_000) throw new InvalidOperationException("nobody dies");
        }

        mayDie = false;
        Compare(model, -1);
        runner.CloseAll();
        RemoveAll("");
        ulong used = root.DescribeVolume().Value.UsedBytes;
        if (used != 0) throw new InvalidOperationException($"{used} bytes are in use by nothing");
    }

    /// <summary>
    /// The model to go on with. Renaming makes trees deep, where no operation finds anything any
    /// more, so a large one is taken away.
    /// </summary>
    TreeModel Compare(TreeModel model, int number)
    {
        string found = runner.Snapshot(), expected = model.Snapshot();
        if (found != expected) throw new InvalidOperationException(
            $"after operation {number}: '{found}', expected '{expected}'");
        // The root, what has a name, and what was deleted while it was open.
        int most = 1 + expected.Count(one => one == ' ') + Operation.Slots;
        ulong files = root.DescribeVolume().Value.Files;
        if (files > (ulong)most) throw new InvalidOperationException(
            $"after operation {number}: {files} records of nodes, at most {most} are needed");
        if (most < LargestTree) return model;
        runner.CloseAll();
        RemoveAll("");
        return new TreeModel();
    }

    void RemoveAll(string path)
    {
        foreach (string name in runner.Names(path))
        {
            string below = path.Length == 0 ? name : $"{path}/{name}";
            if (root.RemoveFile(below) == Status.Ok) continue;
            RemoveAll(below);
            Hands.Require(root.RemoveDirectory(below), below);
        }
    }

    /// <summary>The next incarnation; those that die before they serve are counted too.</summary>
    IServer Make(TaskContext task)
    {
        while (true)
        {
            int life = mayDie ? random.Next(largestLife) : -1;
            MortalMemory memory = new(vault, life, random.Next(101));
            try
            {
                MemFsServer memfs = new(Options, () => 1, new MemVault(memory, Options));
                memfs.ReconcileLater(task.Kernel, task.Claim("endpoint"));
                return new MortalServer(memfs, Died);
            }
            catch (VaultDeath)
            {
                Deaths++;
            }
        }
    }

    void Died()
    {
        Deaths++;
        server.Restart(Make);
    }

    /// <summary>Dies where its vault does.</summary>
    sealed class MortalServer(MemFsServer memfs, Action died) : IServer
    {
        bool isDead;

        public ulong NextDeadlineNs => 0;

        public void Handle(Request request) => Guard(() => memfs.Handle(request));

        public void Closed(Badge badge) => Guard(() => memfs.Closed(badge));

        public void Commit() => Guard(memfs.Commit);

        public void Notified(ulong bits)
        {
        }

        public void DeadlineReached()
        {
        }

        void Guard(Action action)
        {
            // The loop of this incarnation ends only after it has asked for the commit.
            if (isDead) return;
            try
            {
                action();
            }
            catch (VaultDeath)
            {
                isDead = true;
                died();
            }
        }
    }
}
