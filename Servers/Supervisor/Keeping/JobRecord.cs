// A row of the job table as bytes of the vault, and back. Rules as for TaskRecord.

using System.Collections.Generic;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

internal static class JobRecord
{
    public static void Write(ref RecordWriter writer, Job job)
    {
        writer.Text(job.Title.Name);
        writer.Text(job.Title.Command);
        writer.Number((ulong)job.Reaping);
        writer.Text(job.Image);
        writer.Number(job.Process.Value);
        writer.Number(job.Control.Value);
        writer.Number(job.ProcessId.Value);
        writer.Number((ulong)job.State);
        writer.Number((ulong)job.Running);
        writer.Number((ulong)job.Cause);
        writer.Number((uint)job.ExitCode);
        writer.Text(job.Disk);
    }

    public static Job Read(uint number, ref RecordReader reader)
    {
        JobTitle title = new(reader.Text(), reader.Text());
        return new Job(number, title, (Reaping)reader.Number())
        {
            Image = reader.Text(),
            Process = new Handle(reader.Number()),
            Control = new Handle(reader.Number()),
            ProcessId = new ProcessId((uint)reader.Number()),
            State = (JobState)reader.Number(),
            Running = (Running)reader.Number(),
            Cause = (DeathCause)reader.Number(),
            ExitCode = (int)(uint)reader.Number(),
            Disk = reader.Text(),
        };
    }

    /// <summary>Every capability that the row names.</summary>
    public static IEnumerable<Handle> HandlesOf(Job job) => [job.Process, job.Control];
}
