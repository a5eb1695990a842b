// What a mount promises, as rules and exceptions that make an outcome of every cell.
//
// Pure. docs/supervision.md prints it; Tests/Simulation/Contract has a test for each cell, and
// Tests/Boot/Contract has those that only a machine can show. Nothing else says what is promised.

using Shared.Abi;

namespace Servers.Supervisor.Mounts.Contract;

public static class MountContract
{
    public static MountOutcome Of(MountCell cell) => new(
        AnswerOf(cell), AnswerBoundOf(cell), CallOf(cell), HandleOf(cell), ClientBoundOf(cell),
        MountOf(cell), MountBoundOf(cell));

    /// <summary>Nobody is asked whether it suits: what can be done is done.</summary>
    private static Status AnswerOf(MountCell cell) => cell.Action switch
    {
        MountAction.KillClient =>
            cell.Client == ClientState.Dead ? Status.NotFound : Status.Ok,
        MountAction.Umount when IsGoneBefore(cell) => Status.NotMounted,
        MountAction.Umount => Status.Ok,
        _ when IsGoneBefore(cell) => Status.NotFound,
        MountAction.KillServer when Is(cell, Condition.Crashed) => Status.Exited,
        MountAction.Upgrade when Is(cell, Condition.Crashed) => Status.WouldBlock,
        MountAction.Upgrade when Is(cell, Condition.Upgrading) => Status.AlreadyExists,
        _ => Status.Ok,
    };

    /// <summary>Only the supervisor is asked.</summary>
    private static Bound AnswerBoundOf(MountCell cell) => IsStuck(cell, Party.Supervisor)
        ? Bound.SupervisorHangFound
        : Bound.AtOnce;

    private static CallEnd CallOf(MountCell cell)
    {
        if (cell.Client != ClientState.InCall) return CallEnd.None;
        // It came before the action, and the supervisor takes one after the other.
        if (cell.Party == Party.Supervisor)
        {
            bool isLate = IsStuck(cell, Party.Supervisor)
                && cell.Action == MountAction.KillClient;
            return isLate ? CallEnd.Dropped : CallEnd.Answered;
        }
        if (Is(cell, Condition.Crashed) && cell.OnDeath == OnDeath.Fail) return CallEnd.PeerDied;
        if (IsGoneBefore(cell)) return CallEnd.Revoked;
        if (cell.Action == MountAction.KillClient) return CallEnd.Dropped;
        bool isGone = MountOf(cell) == MountEnd.Gone;
        if (cell.Party == Party.Vfs) return isGone ? CallEnd.NotFound : CallEnd.Answered;
        if (isGone) return CallEnd.Revoked;
        bool dies = cell.Action == MountAction.KillServer && cell.OnDeath == OnDeath.Fail
            && !Is(cell, Condition.Crashed);
        return dies ? CallEnd.PeerDied : CallEnd.Answered;
    }

    private static HandleEnd HandleOf(MountCell cell)
    {
        bool isThere = cell.Client is not (ClientState.Zombie or ClientState.Dead)
            && cell.Action != MountAction.KillClient;
        if (!isThere) return HandleEnd.None;
        return MountOf(cell) == MountEnd.Gone ? HandleEnd.Revoked : HandleEnd.Works;
    }

    /// <summary>An open file needs its server and nobody else.</summary>
    private static Bound ClientBoundOf(MountCell cell)
    {
        if (cell.Action == MountAction.KillClient) return AnswerBoundOf(cell);
        if (cell.Client is ClientState.Zombie or ClientState.Dead) return Bound.AtOnce;
        if (cell.Party == Party.FileServer) return ServerBoundOf(cell);
        // What was asked for comes first, and the call before it.
        Bound answer = AnswerBoundOf(cell);
        bool asksVfs = cell.Party == Party.Vfs && cell.Client == ClientState.InCall;
        return asksVfs ? PathBoundOf(cell) : answer;
    }

    private static MountEnd MountOf(MountCell cell)
    {
        bool isGone = cell.Action == MountAction.Umount || IsGoneBefore(cell);
        if (cell.OnDeath == OnDeath.Vanish)
        {
            isGone |= cell.Action == MountAction.KillServer;
            // Nobody helps: it is found, and killed.
            isGone |= IsStuck(cell, Party.FileServer) && cell.Action == MountAction.KillClient;
        }
        return isGone ? MountEnd.Gone : MountEnd.Serves;
    }

    /// <summary>By path: Vfs is asked, then the server.</summary>
    private static Bound MountBoundOf(MountCell cell) => cell.Party switch
    {
        Party.FileServer => ServerBoundOf(cell),
        Party.Vfs => PathBoundOf(cell),
        _ => AnswerBoundOf(cell),
    };

    /// <summary>Until Vfs answers again. Nobody of this table does anything about it.</summary>
    private static Bound PathBoundOf(MountCell cell) => WaitOf(cell.Condition);

    /// <summary>Until the server answers again, or is gone.</summary>
    private static Bound ServerBoundOf(MountCell cell)
    {
        bool isEnd = cell.Action == MountAction.Umount || IsGoneBefore(cell)
            || cell.Action == MountAction.KillServer && cell.OnDeath == OnDeath.Vanish;
        if (isEnd) return Bound.AtOnce;
        bool helps = cell.Condition switch
        {
            // Who is dead is not killed or replaced, and its restart waits for its time.
            Condition.Crashed => cell.Action == MountAction.Restart,
            // The trial decides what comes next, whoever dies meanwhile.
            Condition.Upgrading => false,
            _ => cell.Action is MountAction.KillServer or MountAction.Restart
                or MountAction.Upgrade,
        };
        return helps ? Bound.AtOnce : WaitOf(cell.Condition);
    }

    /// <summary>What a party in this condition needs to come back by itself.</summary>
    private static Bound WaitOf(Condition condition) => condition switch
    {
        Condition.Crashed => Bound.Delay,
        Condition.Hung or Condition.Looping => Bound.HangFound,
        Condition.Upgrading => Bound.Probe,
        _ => Bound.AtOnce,
    };

    /// <summary>The server has died, and taken its mount along, before anybody acted.</summary>
    private static bool IsGoneBefore(MountCell cell) =>
        Is(cell, Condition.Crashed) && cell.OnDeath == OnDeath.Vanish;

    private static bool Is(MountCell cell, Condition condition) =>
        cell.Party == Party.FileServer && cell.Condition == condition;

    private static bool IsStuck(MountCell cell, Party party) =>
        cell.Party == party && (cell.Condition is Condition.Hung or Condition.Looping);
}
