// Numbers, names and ends of jobs.

using NUnit.Framework;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class JobTableTests
{
    private static Job Add(JobTable table, string image, uint process)
    {
        uint number = 1 + (uint)table.All.Length;
        Job job = new(number, new JobTitle(image, image + " /mnt"), Reaping.AtOnce)
        {
            ProcessId = new ProcessId(process),
        };
        table.Add(job);
        return job;
    }

    [Test]
    public void Job_is_found_by_name_number_and_process()
    {
        JobTable table = new();
        Job first = Add(table, "hold", 20);
        Job second = Add(table, "hold", 21);
        Assert.That(table.Find("hold.1"), Is.SameAs(first));
        Assert.That(table.Find("21"), Is.SameAs(second));
        Assert.That(table.Find(2), Is.SameAs(second));
        Assert.That(table.Find("hold.3"), Is.Null);
    }

    [Test]
    public void Plain_name_finds_a_job_only_when_it_is_alone()
    {
        JobTable table = new();
        Job first = Add(table, "hold", 20);
        Assert.That(table.Find("hold"), Is.SameAs(first));
        Job second = Add(table, "hold", 21);
        Assert.That(table.Find("hold"), Is.Null);
        first.State = JobState.Ended;
        Assert.That(table.Find("hold"), Is.SameAs(second));
    }

    [Test]
    public void Line_shows_state_process_and_command()
    {
        JobTable table = new();
        Job job = Add(table, "hold", 20);
        Assert.That(job.Line, Is.EqualTo("[1] running 20 hold /mnt"));
        job.Running = Running.Stopped;
        Assert.That(job.Line, Is.EqualTo("[1] stopped 20 hold /mnt"));
        job.State = JobState.Unreaped;
        Assert.That(job.Line, Is.EqualTo("[1] zombie 20 hold /mnt"));
        job.State = JobState.Ended;
        job.Cause = DeathCause.Exit;
        job.ExitCode = 3;
        Assert.That(job.Line, Is.EqualTo("[1] exit(3) 20 hold /mnt"));
        job.Cause = DeathCause.Killed;
        Assert.That(job.Line, Is.EqualTo("[1] Killed 20 hold /mnt"));
    }

    [Test]
    public void Full_table_has_room_where_a_job_has_ended_and_nowhere_else()
    {
        JobTable table = new();
        for (uint i = 0; i < JobTable.Capacity; i++) Add(table, "hold", 20 + i);
        Assert.That(table.IsFull);
        Assert.That(table.OldestEnded, Is.Null);
        table.Find(5)!.State = JobState.Unreaped;
        table.Find(7)!.State = JobState.Ended;
        table.Find(9)!.State = JobState.Ended;
        Assert.That(table.OldestEnded, Is.SameAs(table.Find(7)));
    }

    [TestCase("pin", "", "pin", "pin")]
    [TestCase("pin", "zombie /mnt", "pin", "pin zombie /mnt")]
    [TestCase("shell", "-c|hold /mnt/f|0", "hold", "hold /mnt/f")]
    [TestCase("shell", "-c| (x)", "shell", "(x)")]
    [TestCase("shell", "", "shell", "shell")]
    public void Job_is_called_after_what_it_runs(
        string image, string arguments, string name, string command)
    {
        char separator = arguments.Contains('|') ? '|' : ' ';
        string[] words = arguments.Length == 0 ? [] : arguments.Split(separator);
        Assert.That(JobTitle.Of(image, words), Is.EqualTo(new JobTitle(name, command)));
    }
}
