// One case of the mount contract: who is in trouble, what a client of the mount is doing, what
// somebody asks for, and what the mount was told to do when its server dies.
//
// Rules: the action is always on the mount, its server or its client; the trouble may be another's.

using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Supervisor.Mounts.Contract;

/// <summary>Who is in trouble. Vfs and supervisor serve every mount.</summary>
public enum Party { FileServer, Vfs, Supervisor }

public enum Condition
{
    Alive,
    /// <summary>Dead of its own fault, and not back yet.</summary>
    Crashed,
    /// <summary>Waits for ever, with a request in its hands.</summary>
    Hung,
    /// <summary>Computes for ever, with a request in its hands.</summary>
    Looping,
    /// <summary>
    /// Its next version tries to open the vault, and does not get it done; the old one is stopped.
    /// The supervisor's next version does: it stands in for the old one at once.
    /// </summary>
    Upgrading,
}

/// <summary>Every one has opened a file of the mount before.</summary>
public enum ClientState
{
    Idle,
    /// <summary>In a call to the party in trouble, made before the action.</summary>
    InCall,
    /// <summary>Has ended, and nobody has taken its exit record.</summary>
    Zombie,
    Stopped,
    /// <summary>Killed and collected.</summary>
    Dead,
}

public enum MountAction { Umount, KillClient, KillServer, Restart, Upgrade }

public readonly record struct MountCell(
    Party Party, Condition Condition, ClientState Client, MountAction Action, OnDeath OnDeath)
{
    private static readonly OnDeath[] OnDeaths = [OnDeath.Hold, OnDeath.Fail, OnDeath.Vanish];

    /// <summary>Everybody is alive in one case: whose health it is makes no difference.</summary>
    public static IEnumerable<MountCell> All()
    {
        foreach (Party party in System.Enum.GetValues<Party>())
        foreach (Condition condition in System.Enum.GetValues<Condition>())
        {
            if (condition == Condition.Alive && party != Party.FileServer) continue;
            foreach (OnDeath onDeath in OnDeaths)
            foreach (MountAction action in System.Enum.GetValues<MountAction>())
            foreach (ClientState client in System.Enum.GetValues<ClientState>())
            {
                yield return new MountCell(party, condition, client, action, onDeath);
            }
        }
    }

    public override string ToString() => $"{Party}-{Condition}-{Client}-{Action}-{OnDeath}";
}
