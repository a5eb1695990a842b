// The client of a mount in one cell: opens a file, makes a call when it is told to, and tries its
// file when it is told to. What it has seen lies here, which outlives it.
//
// Rules: one job of its own for each cell; all times are the machine's.

using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using Tests.Simulation.Work;

namespace Tests.Simulation.Contract;

/// <summary>Which call a client makes: to whom it is.</summary>
public enum CallKind { Write, ByPath, ToSupervisor }

public sealed class ContractClient
{
    public const string Path = "/mnt/f", OldText = "kept", NewText = "told";
    const ulong PollNs = 5_000_000;

    public CallKind Kind { get; init; }
    /// <summary>The exit record is to stay.</summary>
    public bool EndsAtOnce { get; init; }
    public bool MayCall { get; set; }
    public bool MayTry { get; set; }

    public bool IsOpen { get; private set; }
    public bool IsInCall { get; private set; }
    public CallEnd Call { get; private set; }
    public HandleEnd Handle { get; private set; }
    /// <summary>When both were known.</summary>
    public ulong DoneNs { get; private set; }
    public string? Failure { get; private set; }

    public void Run(TaskContext context)
    {
        Hands hands = new(context, "/mnt");
        Result<RemoteFile> file = hands.Files.Open(Path, OpenMode.Read | OpenMode.Write);
        if (!file.IsOk)
        {
            Failure = $"open: {file.Status}";
            return;
        }

        IsOpen = true;
        if (EndsAtOnce) return;
        while (!MayCall && !MayTry) hands.Sleep(PollNs);
        if (MayCall)
        {
            IsInCall = true;
            Call = EndOf(MakeCall(context, hands, file.Value));
            IsInCall = false;
        }

        while (!MayTry) hands.Sleep(PollNs);
        Handle = Try(hands, file.Value);
        DoneNs = context.Kernel.ClockNow();
        while (true) context.Kernel.ReceiveNotification();
    }

    /// <summary>It was killed, or has ended.</summary>
    public void NoteDropped()
    {
        if (IsInCall) Call = CallEnd.Dropped;
        IsInCall = false;
    }

    Status MakeCall(TaskContext context, Hands hands, RemoteFile file)
    {
        switch (Kind)
        {
            case CallKind.Write:
                return file.Write(System.Text.Encoding.UTF8.GetBytes(NewText)).Status;
            case CallKind.ByPath:
                // Whoever has asked before has no need of Vfs.
                return FileApi.Open(context).Stat(Path).Status;
            default:
                return hands.Supervisor.ListMounts(0, new byte[1024]).Status;
        }
    }

    CallEnd EndOf(Status status)
    {
        switch (status)
        {
            case Status.Ok: return CallEnd.Answered;
            case Status.PeerDied: return CallEnd.PeerDied;
            case Status.Revoked: return CallEnd.Revoked;
            case Status.NotFound: return CallEnd.NotFound;
            default:
                Failure = $"call: {status}";
                return CallEnd.None;
        }
    }

    /// <summary>With ondeath=fail a call may say that the server is not back yet.</summary>
    HandleEnd Try(Hands hands, RemoteFile file)
    {
        while (true)
        {
            Status status = file.Stat().Status;
            if (status == Status.Ok) return HandleEnd.Works;
            if (status == Status.Revoked) return HandleEnd.Revoked;
            if (status != Status.PeerDied)
            {
                Failure = $"file: {status}";
                return HandleEnd.None;
            }

            hands.Sleep(PollNs);
        }
    }
}
