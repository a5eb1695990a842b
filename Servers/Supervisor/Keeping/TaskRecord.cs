// A row of the task table as bytes of the vault, and back.
//
// Rules: Read knows everything that Write writes, in the same order; a kind of task that the system
// table does not have any more is damage.

using System.Collections.Generic;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

internal static class TaskRecord
{
    public static void Write(ref RecordWriter writer, ServerTask task)
    {
        writer.Text(task.Spec.Name);
        writer.Text(task.Name);
        writer.Text(task.Image);
        WriteMount(ref writer, task.Mount);
        WriteUpgrade(ref writer, task.Upgrade);
        DeviceRecord.Write(ref writer, task.Device);
        writer.Number(task.Program.Value);
        writer.Number(task.Endpoint.Value);
        writer.Number(task.Vault.Value);
        writer.Number(task.Supervisor.Value);
        writer.Number(task.Process.Value);
        writer.Number(task.Control.Value);
        writer.Number(task.ProcessId.Value);
        writer.Number((ulong)task.State);
        writer.Number((ulong)task.Running);
        writer.Number((ulong)task.Fault);
        writer.Number((ulong)task.LastCause);
        writer.Number(task.Incarnation);
        writer.Number(task.Restarts);
        writer.Number(task.RestartAtNs);
        writer.Number(task.LastDeathNs);
        writer.Number(task.RecoveryNs);
        WriteRetirement(ref writer, task);
        writer.Number((ulong)task.History.TimesNs.Length);
        foreach (ulong timeNs in task.History.TimesNs) writer.Number(timeNs);
    }

    public static ServerTask Read(Badge badge, ref RecordReader reader)
    {
        string kind = reader.Text();
        TaskSpec spec = SystemTable.Find(kind)
            ?? throw new VaultDamagedException($"a task of the unknown kind {kind}");
        ServerTask task = new(spec, reader.Text())
        {
            Badge = badge, Image = reader.Text(), Mount = ReadMount(ref reader),
            Upgrade = ReadUpgrade(ref reader), Device = DeviceRecord.Read(ref reader),
        };
        task.Program = new Handle(reader.Number());
        task.Endpoint = new Handle(reader.Number());
        task.Vault = new Handle(reader.Number());
        task.Supervisor = new Handle(reader.Number());
        task.Process = new Handle(reader.Number());
        task.Control = new Handle(reader.Number());
        task.ProcessId = new ProcessId((uint)reader.Number());
        task.State = (TaskState)reader.Number();
        task.Running = (Running)reader.Number();
        task.Fault = (PendingFault)reader.Number();
        task.LastCause = (DeathCause)reader.Number();
        task.Incarnation = (uint)reader.Number();
        task.Restarts = (uint)reader.Number();
        task.RestartAtNs = reader.Number();
        task.LastDeathNs = reader.Number();
        task.RecoveryNs = reader.Number();
        ReadRetirement(ref reader, task);
        for (ulong count = reader.Number(); count > 0; count--)
        {
            task.History.Add(reader.Number());
        }
        return task;
    }

    /// <summary>Every capability that the row names.</summary>
    public static IEnumerable<Handle> HandlesOf(ServerTask task) =>
    [
        task.Program, task.Endpoint, task.Vault, task.Supervisor, task.Process, task.Control,
        task.Mount?.Root ?? Handle.None, task.Mount?.Disk ?? Handle.None,
        .. task.Device is { } device ? [.. device.Parts.Values] : (Handle[])[],
        task.Upgrade?.Process ?? Handle.None, task.Upgrade?.Control ?? Handle.None,
    ];

    /// <summary>One that has only started ends with this incarnation.</summary>
    private static void WriteUpgrade(ref RecordWriter writer, Upgrade? upgrade)
    {
        bool isKept = upgrade is not null && upgrade.State != UpgradeState.Starting;
        writer.Number(isKept ? (ulong)upgrade!.State : 0);
        if (!isKept) return;
        writer.Text(upgrade!.Image);
        writer.Number(upgrade.Process.Value);
        writer.Number(upgrade.Control.Value);
        writer.Number(upgrade.ProcessId.Value);
    }

    private static Upgrade? ReadUpgrade(ref RecordReader reader)
    {
        UpgradeState state = (UpgradeState)reader.Number();
        if (state == UpgradeState.Starting) return null;
        return new Upgrade(reader.Text())
        {
            State = state,
            Process = new Handle(reader.Number()),
            Control = new Handle(reader.Number()),
            ProcessId = new ProcessId((uint)reader.Number()),
        };
    }

    private static void WriteRetirement(ref RecordWriter writer, ServerTask task)
    {
        writer.Number(task.UnwrittenBytes);
        writer.Number(task.Retirement?.DeadlineNs ?? 0);
        if (task.Retirement is not { } retirement) return;
        writer.Number(retirement.Waiter.Value);
        writer.Number(retirement.NudgeAtNs);
    }

    private static void ReadRetirement(ref RecordReader reader, ServerTask task)
    {
        task.UnwrittenBytes = reader.Number();
        ulong deadlineNs = reader.Number();
        if (deadlineNs == 0) return;
        task.Retirement = new Retirement(deadlineNs, new RequestId(reader.Number()))
        {
            NudgeAtNs = reader.Number(),
        };
    }

    private static void WriteMount(ref RecordWriter writer, Mount? mount)
    {
        writer.Number(mount?.Id ?? 0);
        if (mount is null) return;
        writer.Text(mount.Source);
        writer.Text(mount.Target);
        writer.Text(mount.Type);
        writer.Number((ulong)mount.Options.Access);
        writer.Number((ulong)mount.Options.OnDeath);
        writer.Number(mount.Options.DeadlineMs);
        writer.Text(mount.ServerOptions);
        writer.Number(mount.Root.Value);
        writer.Number(mount.Disk.Value);
    }

    private static Mount? ReadMount(ref RecordReader reader)
    {
        uint id = (uint)reader.Number();
        if (id == 0) return null;
        string source = reader.Text();
        string target = reader.Text();
        string type = reader.Text();
        MountOptions options = new(
            (Access)reader.Number(), (OnDeath)reader.Number(), reader.Number());
        return new Mount(id, source, target, type, options, reader.Text())
        {
            Root = new Handle(reader.Number()), Disk = new Handle(reader.Number()),
        };
    }
}
