// Tasks, mounts and jobs. The supervisor is the one truth of all three.

using System;
using Shared.Abi;

namespace Shared.Contracts;

[Contract(id: 1, version: 1)]
public interface ISupervisor
{
    // Mounts.

    /// <summary>
    /// Starts a server of the type for the target, which the caller has seen to be a directory.
    /// Options are comma separated: ro, ondeath=hold|fail|vanish, deadline=SECONDS. A mount that
    /// was given up goes on with its vault when source, type and target are the same; GivenUp when
    /// they are not. AlreadyExists over a mount, NotFound for an unknown type, NotSupported when
    /// the type wants a disk and the source is none, BadArgument for a bad option.
    /// </summary>
    [Op(1)] Status Mount(string source, string target, string type, string options);

    /// <summary>
    /// As Mount, with a server whose bytes the caller has put into memory: a Memory capability with
    /// Execute, which is kept for the server's next incarnations. TYPE is what it is called by;
    /// AlreadyExists when that is a type of the table.
    /// </summary>
    [Op(27)] Status MountFile(
        string source, string target, string type, string options, Capability program);

    /// <summary>
    /// Revokes every capability of the mount, then lets its server go. One that has a disk first
    /// writes what is not there yet, with a deadline (SystemTable), for which this waits. Of a
    /// mount that was given up, it lets the vault go. NotMounted.
    /// </summary>
    [Op(2), MayBlock] Result<Unmounted> Unmount(string target);

    /// <summary>As Unmount, but does not wait for the disk.</summary>
    [Op(5)] Status Detach(string target);

    /// <summary>One line a mount, as `mount` prints it; 0 lines at the end.</summary>
    [Op(3), Idempotent] Result<TextPage> ListMounts(ulong firstLine, Span<byte> text);

    /// <summary>Root and name of the Nth mount, for Vfs; NotFound after the last.</summary>
    [Op(4), Idempotent] Result<MountEntry> GetMount(uint index, Span<byte> target);

    // Tasks. NAME is a name as `ps` shows it, or a process id.

    [Op(8)] Status Kill(string name);
    [Op(9)] Status Stop(string name);
    [Op(10)] Status Continue(string name);
    [Op(11)] Status Restart(string name);
    /// <summary>Tells the task to commit a fault: the Bits of an Injection. NotSupported where a
    /// request is named and the task takes none.</summary>
    [Op(12)] Status Inject(string name, ControlBits injection);
    /// <summary>Lines of `servers`: policy, restarts, last death, time to recovery.</summary>
    [Op(13), Idempotent] Result<TextPage> ListServers(ulong firstLine, Span<byte> text);
    /// <summary>The newest crash report of the task, with its C# stack. NotFound.</summary>
    [Op(14), Idempotent] Result<uint> CrashReport(string name, Span<byte> text);
    /// <summary>Waits until the task answers again after a death; for scripts and tests.</summary>
    [Op(15), MayBlock] Status WaitReady(string name);

    /// <summary>
    /// Lines of `servers -v`: of one task, or of all when the name is empty. Each with its last
    /// deaths: cause, stack, requests, and the times to the first receive and the first answer.
    /// NotFound.
    /// </summary>
    [Op(19), Idempotent]
    Result<TextPage> DescribeServers(string name, ulong firstLine, Span<byte> text);

    /// <summary>Said by a task before its first Receive, or soon after (Role); by its badge.
    /// </summary>
    /// <param name="sinceNs">When it could receive, in ClockNow's time.</param>
    [Op(16), Idempotent] Status Ready(ulong sinceNs);

    /// <summary>
    /// Said by a server with a disk before it writes to it at last: how much is not there yet.
    /// The badge says which server it is.
    /// </summary>
    [Op(26), Idempotent] Status Unwritten(ulong bytes);

    /// <summary>
    /// Said by a process that was started without a task (a spare, the next version of a server):
    /// waits for one, and answers its strings, each with a NUL after it, first the arguments.
    /// </summary>
    [Op(17), MayBlock] Result<Role> AwaitRole(Span<byte> strings);

    /// <summary>
    /// Replaces a server by another image, which first proves on the server's own vault that it
    /// can go on. Refused: it could not, and the server goes on as if nothing had been. NotFound
    /// without such a task, BadImage without such an image, WrongType when its name is not that of
    /// the server's image, or that and a number.
    /// </summary>
    [Op(18), MayBlock] Status Upgrade(string name, string image);

    // Devices.

    /// <summary>
    /// All functions of the PCI bus, in the order of the bus, as PciFunctionInfo. For the PCI task
    /// alone. The drivers that the table knows for them are started.
    /// </summary>
    [Op(24), Idempotent] Status DevicesFound(ReadOnlySpan<byte> functions);

    /// <summary>The Nth disk driver; NotFound after the last.</summary>
    [Op(25), Idempotent] Result<DriverEntry> GetDriver(uint index, Span<byte> name);

    /// <summary>
    /// The disk or partition at a path as `mount` takes it, for the job that asks, and for nobody
    /// else until it has ended. Locked: it, or a part of it, is mounted or another job's.
    /// NotSupported: no such disk, or the caller is no job.
    /// </summary>
    [Op(29), Idempotent] Result<Capability> ClaimDisk(string disk);

    // Jobs: programs started for a shell. They outlive it.

    /// <summary>
    /// Starts a program from the boot archive. Arguments are joined by '\n'. The capabilities
    /// become its CAP_stdin, CAP_stdout and CAP_stderr; Handle.None gives the console. Answers the
    /// job number.
    /// </summary>
    [Op(20)] Result<JobStarted> Run(
        string image, string arguments, string directory,
        Capability input, Capability output, Capability error);

    /// <summary>
    /// As Run, with less authority: of the name space what ACCESS allows, or the set of DIRECTORIES
    /// alone if it is not 0 (NotMounted: forgotten; bring them again); console, pipes and streams.
    /// PROGRAM is Memory with Execute in which the program's bytes are, and IMAGE what the job is
    /// called by; or None, for one of the archive. BadImage when it is no program.
    /// </summary>
    [Op(31)] Result<JobStarted> RunNarrow(
        string image, Capability program, string arguments, string directory,
        NameSpaceAccess access, ulong directories,
        Capability input, Capability output, Capability error);

    /// <summary>
    /// For a program that is about to be started: the directory is one of those that it sees, at
    /// this path. SET is 0 for the first one; answers the number of the set for the next. A set is
    /// forgotten when it was used, and when the supervisor dies: NotMounted.
    /// </summary>
    [Op(30)] Result<ulong> Bring(ulong set, string path, Capability directory);

    /// <summary>Waits for the end of a job. NotFound when there is no such job.</summary>
    [Op(21), MayBlock] Result<JobEnded> WaitJob(uint job);

    /// <summary>Lines `[N] STATE PID COMMAND`.</summary>
    [Op(22), Idempotent] Result<TextPage> ListJobs(ulong firstLine, Span<byte> text);

    /// <summary>Forgets an ended job and its exit record: until then it is a zombie.</summary>
    [Op(23)] Status ReapJob(uint job);
}
