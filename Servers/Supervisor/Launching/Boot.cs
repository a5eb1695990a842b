// Brings the system to where the table wants it: adopts what is there, then starts what is not, in
// the table's order. What does not start is retried or left out, and logged; boot itself does not
// fail.

using Servers.Supervisor.Keeping;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Servers.Supervisor.Launching;

public static class Boot
{
    public static void Run(Parts parts)
    {
        new Adoption(parts).Run();
        if (parts.Authority.State.Boot == BootProgress.Underway) StartAll(parts);
        parts.Self.FinishRecovery();
        parts.Spares.Begin();
    }

    private static void StartAll(Parts parts)
    {
        // All endpoints first, so that every task can be given those of the others.
        foreach (TaskSpec spec in SystemTable.Servers)
        {
            if (parts.TaskTable.Find(spec.Name) is not null) continue;
            Status status = parts.Tasks.Prepare(new ServerTask(spec, spec.Name));
            if (status != Status.Ok) parts.Authority.Log($"cannot prepare {spec.Name}: {status}");
        }
        foreach (TaskSpec spec in SystemTable.Servers)
        {
            if (!spec.IsServer) MountAll(parts);
            if (parts.TaskTable.Find(spec.Name) is { IsAlive: false } task)
            {
                parts.Tasks.StartOrRetry(task);
            }
        }
        parts.Authority.State.Boot = BootProgress.Done;
        parts.Vault.StageState();
        parts.Vault.Commit();
    }

    private static void MountAll(Parts parts)
    {
        MountOptions options = new(Access.ReadWrite, OnDeath.Hold);
        foreach (BootMount mount in SystemTable.BootMounts)
        {
            if (parts.MountTable.Find(mount.Target) is not null) continue;
            Status status = parts.Mounts.Mount(
                mount.Source, mount.Target, mount.Type, options, mount.ServerOptions);
            if (status != Status.Ok) parts.Authority.Log($"cannot mount {mount.Target}: {status}");
        }
    }
}
