// Several clients with random work each, at the same time, in rounds; any of them may die at any
// point, as may every server.
//
// Each client has a directory of its own and knows exactly what is in it. The conductor, in the
// shell's place, starts each client again that has died, and looks at everything after each round.
// Rules: a run is a function of its case. What must outlive tasks lies here.

using CosmosKernel.Processes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using System.Linq;
using Tests.FakeMachine;
using Tests.Simulation.Kills;

namespace Tests.Simulation.Work;

public sealed class RandomWork
{
    public const string ClientImage = "client";
    const int OperationsPerRound = 30;
    const ulong PollNs = 1_000_000, RestNs = 6_000_000_000;

    sealed class Client
    {
        public required int Number;
        public required Operation[] Operations;
        public required Random Random;
        public TreeModel Model = new();
        public int Next, End;
        public bool IsInFlight;
        public Process? Process;
        public ProcessId ProcessId;
        public string Directory => $"/home/c{Number}";
        public bool IsDone => Next == End;
        // The record may be another process's by now.
        public bool IsRunning => Process is { IsAlive: true } process && process.Id == ProcessId;
    }

    readonly RandomCase what;
    readonly List<Client> clients = [];
    readonly SharedFiles shared = new();
    int round;
    bool isReady;
    string countsAtStart = "";

    public RandomWork(RandomCase what)
    {
        this.what = what;
        Killer = new RandomKiller(what.Seed, what.Kills);
        Random random = new(what.Seed);
        int count = 2 + random.Next(3);
        int skipped = 0;
        for (int number = 0; number < count; number++)
        {
            int[] weights = Operation.Weights(random);
            List<Operation> operations = [];
            for (int i = 0; i < OperationsPerRound * what.Rounds; i++)
            {
                Operation next = Operation.Next(random, weights);
                if (what.Skipped.Contains(skipped++)) continue;
                operations.Add(next);
            }

            clients.Add(new Client
            {
                Number = number, Operations = [.. operations], Random = new Random(number),
            });
        }

        Operations = skipped;
        System = new SimulatedSystem(Conduct, (ulong)what.Seed)
        {
            Killer = Killer,
            Programs = new Dictionary<string, Action<TaskContext>> { [ClientImage] = Work },
        };
        Killer.Kernel = System.Kernel;
    }

    public SimulatedSystem System { get; }
    public RandomKiller Killer { get; }
    /// <summary>Of all clients, with those that are left out.</summary>
    public int Operations { get; }
    public string? Failure { get; private set; }

    /// <summary>What is wrong, or null.</summary>
    public string? Run()
    {
        try
        {
            System.Run();
        }
        catch (Exception exception)
        {
            Failure ??= exception.ToString();
        }

        Failure ??= System.ScenarioFailure?.ToString();
        if (Failure is null && !System.IsScenarioDone) Failure = "it never ended";
        return Failure;
    }

    void Conduct(TaskContext context)
    {
        Hands hands = new(context, "/home");
        if (!isReady) SetUp(hands);
        Killer.IsOn = true;
        while (round < what.Rounds)
        {
            foreach (Client client in clients)
                client.End = client.Operations.Length * (round + 1) / what.Rounds;
            while (clients.Any(client => !client.IsDone))
                StartMissing(hands, clients.Where(client => !client.IsDone));
            // Supervisors may die again after so long; and whoever is idle may die as well.
            hands.Sleep(RestNs);
            CheckAll(hands);
            round++;
        }

        Killer.IsOn = false;
        CleanUp(hands);
    }

    void SetUp(Hands hands)
    {
        foreach (Client client in clients)
        {
            Hands.Require(hands.Files.MakeDirectory(client.Directory), client.Directory);
            Hands.Require(hands.Files.RemoveDirectory(client.Directory), client.Directory);
        }

        // The supervisor opens each image once, and keeps it open.
        StartMissing(hands, clients);
        hands.Sleep(RestNs);
        ReapJobs(hands);
        Watch(hands);
        hands.Dispose();
        countsAtStart = System.Counts;
        foreach (Client client in clients)
            Hands.Require(hands.Files.MakeDirectory(client.Directory), client.Directory);
        SharedFiles.Make(hands.Files);
        isReady = true;
    }

    void StartMissing(Hands hands, IEnumerable<Client> starting)
    {
        foreach (Client client in starting)
        {
            if (Failure is not null) throw new InvalidOperationException(Failure);
            if (client.IsRunning) continue;
            Capability none = new(Handle.None);
            Result<JobStarted> started = hands.Supervisor.Run(
                ClientImage, $"{client.Number}", "/", none, none, none);
            Hands.Require(started.Status, $"run client {client.Number}");
        }

        hands.Sleep(PollNs);
    }

    void CheckAll(Hands hands)
    {
        // Only the shell's own kernel calls can be under way now.
        KernelAudit.Check(System.Kernel);
        shared.Check(hands.Files);
        foreach (Client client in clients)
        {
            Result<Handle> directory = hands.Files.OpenDirectory(client.Directory);
            Hands.Require(directory.Status, client.Directory);
            string found = new OperationRunner(hands.Kernel, directory.Value).Snapshot();
            hands.Kernel.Close(directory.Value);
            string expected = client.Model.Snapshot();
            if (found != expected) throw new InvalidOperationException(
                $"round {round}: client {client.Number} has '{found}', expected '{expected}'");
        }
    }

    void CleanUp(Hands hands)
    {
        SharedFiles.Remove(hands.Files);
        foreach (Client client in clients)
        {
            using (Hands own = new(hands.Context, client.Directory)) own.RemoveAll();
            Hands.Require(hands.Files.RemoveDirectory(client.Directory), client.Directory);
        }

        ReapJobs(hands);
        Watch(hands);
        hands.Dispose();
        hands.Sleep(RestNs);
        if (System.Counts != countsAtStart) throw new InvalidOperationException(
            $"counters '{System.Counts}', at the start '{countsAtStart}'\n{System.Holders}");
    }

    /// <summary>Whoever serves at the time has a page for words, and a handle for that.</summary>
    static void Watch(Hands hands)
    {
        Result<RemoteFile> opened = hands.Files.Open(
            "/home/watched", OpenMode.Write | OpenMode.Create);
        Hands.Require(opened.Status, "open");
        using (RemoteFile file = opened.Value)
        {
            Result<WatchedFile> watched = file.Client.Watch();
            Hands.Require(watched.Status, "watch");
            hands.Kernel.Close(watched.Value.Page.Handle);
        }

        Hands.Require(hands.Files.RemoveFile("/home/watched"), "rm");
    }

    static void ReapJobs(Hands hands)
    {
        for (uint job = 1; job < 4096; job++)
            if (hands.Supervisor.ReapJob(job) == Status.NotFound && job > 512) break;
    }

    /// <summary>The program of a client; also of the one that follows it.</summary>
    void Work(TaskContext context)
    {
        Client client = clients[int.Parse(context.Arguments[0])];
        // The conductor may have died before it knew that it had started this one.
        if (client.IsRunning || client.IsDone) return;
        client.Process = ((SimulatedTask)context.Kernel).Process;
        client.ProcessId = client.Process.Id;
        try
        {
            Work(context, client);
        }
        catch (Exception exception) when (exception is not SimulatedKill)
        {
            Failure ??= $"client {client.Number}: {exception}";
        }
    }

    void Work(TaskContext context, Client client)
    {
        using FileApi files = FileApi.Open(context);
        Result<Handle> directory = files.OpenDirectory(client.Directory);
        Hands.Require(directory.Status, client.Directory);
        OperationRunner runner = new(context.Kernel, directory.Value);
        TakeOver(client, runner);
        while (!client.IsDone)
        {
            Operation next = client.Operations[client.Next];
            client.IsInFlight = true;
            string answer = runner.Do(next);
            string expected = client.Model.Apply(next);
            client.IsInFlight = false;
            client.Next++;
            if (answer != expected) throw new InvalidOperationException(
                $"operation {client.Next - 1} ({next}): '{answer}', expected '{expected}'");
            if (client.Random.Next(3) == 0) shared.Do(files, client.Number, client.Random);
        }
    }

    /// <summary>
    /// The files that the one before had open are closed; what it did last has happened, or not.
    /// </summary>
    static void TakeOver(Client client, OperationRunner runner)
    {
        TreeModel before = client.Model.Clone();
        if (client.IsInFlight)
        {
            string found = runner.Snapshot();
            Operation last = client.Operations[client.Next];
            client.Model.Apply(last);
            TreeModel after = client.Model.Clone();
            if (found == after.Snapshot()) before = after;
            else if (found != before.Snapshot()) throw new InvalidOperationException(
                $"{last} by one who died: '{found}' is neither '{before.Snapshot()}' "
                + $"nor '{after.Snapshot()}'");
            client.Next++;
            client.IsInFlight = false;
        }

        client.Model = before;
    }
}
