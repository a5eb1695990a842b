// One server, one client, one endpoint between them: the stage of most IPC tests.

using CosmosKernel;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Ipc;

internal sealed unsafe class IpcScene
{
    public const ulong ClientBadge = 7;

    public readonly KernelBench Bench;
    public readonly Process Server, Client;
    /// <summary>The server's own capability, all rights, badge 0.</summary>
    public readonly ulong Endpoint;
    /// <summary>The client's, minted from the server's: Call, Pass.</summary>
    public readonly ulong Door;

    public IpcScene(
        OnDeath onDeath = OnDeath.Hold, ulong defaultDeadlineNs = 0, KernelConfig? config = null)
    {
        Bench = new KernelBench(config);
        Server = Bench.NewProcess("server", Layer.FileSystem, Priority.Server);
        Client = Bench.NewProcess("client", Layer.Program);
        // The first process holds the endpoint too, as the supervisor does: it outlives the server.
        Keeper = Bench.NewProcess("keeper", Layer.Supervisor);
        KeeperEndpoint = Bench.Make(
            Keeper, SystemCall.EndpointCreate, (ulong)onDeath, Layer.FileSystem.Value,
            defaultDeadlineNs);
        Endpoint = Bench.Give(Keeper, KeeperEndpoint, Server);
        ulong minted = Bench.Make(
            Keeper, SystemCall.Mint, KeeperEndpoint,
            (ulong)(Rights.Call | Rights.Pass), ClientBadge);
        Door = Bench.Give(Keeper, minted, Client);
        KeeperDoor = minted;
    }

    public readonly Process Keeper;
    public readonly ulong KeeperEndpoint;
    /// <summary>The same capability as the client's, a sibling of it.</summary>
    public readonly ulong KeeperDoor;

    public Thread ServerThread => Server.MainThread!;
    public Thread ClientThread => Client.MainThread!;

    /// <summary>A second client with a thread of its own.</summary>
    public Thread NewCaller(out ulong door, Priority priority = Priority.Program)
    {
        Process process = Bench.NewProcess("caller", Layer.Program, priority);
        door = Bench.Give(Keeper, KeeperDoor, process);
        return process.MainThread!;
    }

    /// <summary>The server's next incarnation, with its own capability for the endpoint.</summary>
    public Process Restart(out ulong endpoint)
    {
        Process next = Bench.NewProcess("server", Layer.FileSystem, Priority.Server);
        endpoint = Bench.Give(Keeper, KeeperEndpoint, next);
        return next;
    }

    /// <summary>
    /// A badge that the process mints and the holder alone has then; answers the holder's handle.
    /// </summary>
    public ulong MintFor(
        Process minter, ulong endpoint, Process holder, ulong badge, Rights rights = Rights.All)
    {
        ulong minted = Bench.Make(minter, SystemCall.Mint, endpoint, (ulong)rights, badge);
        ulong given = Bench.Give(minter, minted, holder);
        Bench.Do(minter, SystemCall.Close, minted);
        return given;
    }

    /// <summary>The server is owed a Closed for the badge.</summary>
    public void CloseBadge(ulong badge)
    {
        ulong minted = Bench.Make(
            Keeper, SystemCall.Mint, KeeperEndpoint, (ulong)Rights.Call, badge);
        Bench.Do(Keeper, SystemCall.Close, minted);
    }

    public void BeginReceive() =>
        Bench.Begin(ServerThread, SystemCall.Receive, Endpoint);

    public void BeginCall(
        Thread thread, ulong door, ushort operation = 1, MessageFlags flags = MessageFlags.None,
        ulong deadlineNs = 0, ulong word = 0) =>
        Bench.Begin(
            thread, SystemCall.Call, door, new MessageInfo(operation, 0, 0, flags).Value,
            deadlineNs, 0, 0, word);

    public void BeginCall(MessageFlags flags = MessageFlags.None, ulong deadlineNs = 0) =>
        BeginCall(ClientThread, Door, 1, flags, deadlineNs);

    /// <summary>What is there to be received; TimedOut when nothing is.</summary>
    public CallResult Poll(Thread server, ulong endpoint) =>
        Bench.Do(server, SystemCall.Receive, endpoint, 0, 1);

    public CallResult Poll() => Poll(ServerThread, Endpoint);

    /// <summary>Receives a call that is there already; answers its Reply handle.</summary>
    public ulong Take(Thread server, ulong endpoint)
    {
        CallResult result = Poll(server, endpoint);
        NUnit.Framework.Assert.That(result.Status, NUnit.Framework.Is.EqualTo(Status.Ok));
        NUnit.Framework.Assert.That(result.Kind, NUnit.Framework.Is.EqualTo(ReceiveKind.Call));
        return server.Frame->A0;
    }

    public ulong Take() => Take(ServerThread, Endpoint);

    public Status Reply(Thread server, ulong reply, Status status = Status.Ok) =>
        Bench.Do(server, SystemCall.Reply, reply, (ulong)status).Status;

    public void KillServer(DeathCause cause = DeathCause.Killed)
    {
        ProcessDeath.Kill(Bench.Kernel, Server, cause);
        Bench.Settle();
    }

    public void Audit()
    {
        KernelAudit.Check(Bench.Kernel);
        Bench.Reclaim();
        KernelAudit.Check(Bench.Kernel);
    }
}
