// Answers ISupervisor. Each operation is a line or two here; the keepers do the work.
//
// Rules: one thread; never waits for a child: what cannot be answered yet is parked; a request that
// comes again after the supervisor's own death is answered from the record, or decided as before.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Supervisor.Answering;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor;

public sealed class SupervisorServer(Parts parts) : IServer, ISupervisorHandler
{
    private const int MaxPageBytes = 16 * 1024;
    private const ushort DevicesFoundOperation = 24;

    private readonly Watchman _watchman = new(parts);
    private readonly byte[] _page = new byte[MaxPageBytes];

    public ulong NextDeadlineNs
    {
        get
        {
            ulong nextNs = _watchman.NextLookNs;
            foreach (ulong ns in (ReadOnlySpan<ulong>)
                [
                    parts.Tasks.NextStartNs(), parts.Upgrades.NextDeadlineNs(),
                    parts.Retirements.NextDeadlineNs(),
                    parts.Spares.NextRefillNs, parts.Templates.NextMakeNs,
                    parts.Tasks.NextNoteNs, parts.Mounts.NextSignalNs,
                ])
            {
                if (ns != 0) nextNs = Math.Min(nextNs, ns);
            }
            return nextNs;
        }
    }

    public void Handle(Request request)
    {
        bool mayChange = request.Badge == Badges.Control || IsReading(request.Operation);
        mayChange |= request.Operation == DevicesFoundOperation && IsFromPci(request);
        if (mayChange) SupervisorDispatcher.Dispatch(this, request);
        else request.Answer(Status.NoRight);
    }

    public void Closed(Badge badge)
    {
    }

    public void Commit() => parts.Vault.Commit();

    public void Notified(ulong bits)
    {
        if ((bits & Authority.DeathBits) != 0) parts.Sweep();
    }

    public void DeadlineReached()
    {
        ulong nowNs = parts.Authority.NowNs;
        parts.Tasks.StartDue(nowNs);
        parts.Upgrades.EndOverdue(nowNs);
        parts.Retirements.EndOverdue(nowNs);
        parts.Mounts.SignalIfDue(nowNs);
        parts.Tasks.NoteRecoveries(nowNs);
        parts.Spares.RefillIfDue(nowNs);
        parts.Templates.MakeIfDue(nowNs);
        _watchman.LookIfDue(nowNs);
    }

    // Mounts.

    public Status Mount(
        Request request, string source, string target, string type, string options) =>
        Once(request, () => parts.Mounts.Mount(source, target, type, options));

    public Status MountFile(
        Request request, string source, string target, string type, string options,
        Capability program)
    {
        Status status = Once(request, () => parts.Mounts.Mount(
            source, target, type, options, program.Handle));
        Close(program);
        return status;
    }

    public Result<Unmounted> Unmount(Request request, string target)
    {
        // Of an earlier incarnation, and not through yet.
        if (parts.Retirements.Find(request.Id) is { } waited)
            return parts.Retirements.Wait(request, waited);
        RequestLog requests = parts.Vault.Requests;
        if (requests.TryFind(request, out ulong before)) return RetirementKeeper.Decode(before);
        requests.Record(request, (ulong)Status.Ok);
        Result<Unmounted> result = parts.Mounts.Unmount(target, request.Id);
        if (result.Status == Status.Parked)
            return parts.Retirements.Wait(request, parts.Retirements.Find(request.Id)!);
        requests.Record(request, result.IsOk
            ? RetirementKeeper.Encode(result.Value) : (ulong)result.Status);
        return result;
    }

    public Status Detach(Request request, string target) => Once(request, () =>
    {
        Status status = parts.Mounts.Unmount(target, waiter: default).Status;
        return status == Status.Parked ? Status.Ok : status;
    });

    public Result<TextPage> ListMounts(Request request, ulong firstLine, WriteLease text)
    {
        List<string> lines = [];
        foreach (ServerTask task in parts.MountTable.All)
        {
            lines.Add(task.Mount!.Line(task.ProcessId));
        }
        return Answer(lines, firstLine, text);
    }

    public Result<MountEntry> GetMount(Request request, uint index, WriteLease target)
    {
        if (index >= (uint)parts.MountTable.All.Length) return Status.NotFound;
        Mount mount = parts.MountTable.All[(int)index].Mount!;
        byte[] bytes = Encoding.UTF8.GetBytes(mount.Target);
        if (bytes.Length > target.LengthBytes) return Status.TooLarge;
        Status status = target.CopyFrom(0, bytes);
        if (status != Status.Ok) return status;
        return new MountEntry(new Capability(mount.Root), mount.Id, (uint)bytes.Length);
    }

    // Tasks.

    public Status Kill(Request request, string name) =>
        End(request, name, task => parts.Tasks.Kill(task, DeathCause.Killed));

    public Status Stop(Request request, string name) => Move(name, Running.Stopped);

    public Status Continue(Request request, string name) => Move(name, Running.Yes);

    public Status Restart(Request request, string name) =>
        parts.JobTable.Find(name) is not null && parts.TaskTable.Find(name) is null
            ? Status.NotSupported
            : End(request, name, parts.Mounts.Restart);

    public Status Inject(Request request, string name, ControlBits injection)
    {
        Injection told = Injection.Of((ulong)injection);
        if (told.Bits != injection || !told.IsWellFormed) return Status.BadArgument;
        return Once(request, () =>
        {
            if (parts.TaskTable.Find(name) is { } task) return parts.Tasks.Inject(task, told);
            if (parts.JobTable.Find(name) is not { } job) return Status.NotFound;
            if (!job.IsAlive) return Status.Exited;
            if (told.Moment != FaultMoment.AtOnce) return Status.NotSupported;
            parts.Vault.Commit();
            return parts.Authority.Kernel.NotificationSignal(job.Control, (ulong)injection);
        });
    }

    public Result<TextPage> ListServers(Request request, ulong firstLine, WriteLease text) =>
        Answer(ServerList.Lines(parts.TaskTable.All), firstLine, text);

    public Result<TextPage> DescribeServers(
        Request request, string name, ulong firstLine, WriteLease text)
    {
        List<ServerTask> tasks = [];
        if (name.Length == 0) tasks.AddRange(parts.TaskTable.All);
        else if (parts.TaskTable.Find(name) is { } task) tasks.Add(task);
        else return Status.NotFound;
        return Answer(parts.Histories.Lines(tasks), firstLine, text);
    }

    public Result<uint> CrashReport(Request request, string name, WriteLease text)
    {
        if (parts.Reports.Find(name) is not { } report) return Status.NotFound;
        byte[] bytes = Encoding.UTF8.GetBytes(parts.Reports.Format(report));
        int length = TextCut.Utf8(bytes, (int)Math.Min(text.LengthBytes, int.MaxValue));
        Status status = text.CopyFrom(0, bytes.AsSpan(0, length));
        return status == Status.Ok ? (uint)length : status;
    }

    public Status WaitReady(Request request, string name)
    {
        if (parts.TaskTable.Find(name) is { } task) return parts.Tasks.WaitReady(request, task);
        return parts.JobTable.Find(name) is { IsAlive: true } ? Status.Ok : Status.NotFound;
    }

    public Result<Role> AwaitRole(Request request, WriteLease strings)
    {
        if (parts.Candidates.Await(request, strings) is not { } candidate) return Status.NoRight;
        parts.Upgrades.Awaited(candidate);
        return Status.Parked;
    }

    public Status Upgrade(Request request, string name, string image)
    {
        if (parts.TaskTable.Find(name) is not { } task) return Status.NotFound;
        return task.IsSelf
            ? parts.Self.Upgrade(request, image) : parts.Upgrades.Begin(request, task, image);
    }

    public Status Ready(Request request, ulong sinceNs) =>
        parts.Tasks.Ready(request.Badge, sinceNs);

    public Status Unwritten(Request request, ulong bytes) =>
        parts.Tasks.Unwritten(request.Badge, bytes);

    // Devices.

    public Status DevicesFound(Request request, ReadLease functions)
    {
        int rowBytes = Unsafe.SizeOf<PciFunctionInfo>();
        PciFunctionInfo[] found = new PciFunctionInfo[MaxPageBytes / rowBytes];
        if (functions.LengthBytes > found.Length * rowBytes) return Status.TooLarge;
        int count = (int)functions.LengthBytes / rowBytes;
        Status status = functions.CopyTo(0, MemoryMarshal.AsBytes(found.AsSpan(0, count)));
        if (status == Status.Ok) parts.Devices.Found(found[..count]);
        return status;
    }

    public Result<DriverEntry> GetDriver(Request request, uint index, WriteLease name)
    {
        if (parts.Devices.Driver(index) is not { } driver) return Status.NotFound;
        byte[] bytes = Encoding.UTF8.GetBytes(driver.Spec.DiskName);
        if (bytes.Length > name.LengthBytes) return Status.TooLarge;
        Status status = name.CopyFrom(0, bytes);
        if (status != Status.Ok) return status;
        Result<Handle> disks = parts.Authority.Kernel.Mint(
            driver.Task.Endpoint, Rights.Call | Rights.Pass, DiskBadge.List);
        if (!disks.IsOk) return disks.Status;
        request.CloseAfterReply(disks.Value);
        return new DriverEntry(
            new Capability(disks.Value), driver.Ordinal * driver.Spec.Units, (uint)bytes.Length);
    }

    public Result<Capability> ClaimDisk(Request request, string disk)
    {
        if (parts.Jobs.CallerOf(request) is not { } job) return Status.NotSupported;
        Result<Handle> made = parts.Devices.ClaimDisk(job, disk);
        if (!made.IsOk) return made.Status;
        request.CloseAfterReply(made.Value);
        return new Capability(made.Value);
    }

    private bool IsFromPci(Request request) =>
        parts.TaskTable.Find(SystemTable.Pci.Name)?.Badge == request.Badge;

    // Jobs.

    public Result<JobStarted> Run(
        Request request, string image, string arguments, string directory,
        Capability input, Capability output, Capability error) =>
        Run(request, new JobOrder(image, arguments, directory), input, output, error);

    public Result<JobStarted> RunNarrow(
        Request request, string image, Capability program, string arguments, string directory,
        NameSpaceAccess access, ulong directories,
        Capability input, Capability output, Capability error)
    {
        JobOrder order = new(image, arguments, directory)
        {
            Program = program.Handle, Narrowing = new Narrowing(access, directories),
        };
        Result<JobStarted> started = access > NameSpaceAccess.ReadOnly
            ? Status.BadArgument
            : Run(request, order, input, output, error);
        Close(program);
        parts.Shelf.Drop(directories);
        return started;
    }

    private Result<JobStarted> Run(
        Request request, JobOrder order, Capability input, Capability output, Capability error)
    {
        // The program gets copies; these are ours to close, whatever comes of it.
        Rights rights = Rights.Call | Rights.Pass;
        Result<JobStarted> started = parts.Jobs.StartedBy(request) is { } job
            ? new JobStarted(job.Number, job.ProcessId.Value)
            : parts.Jobs.Run(request, order with
            {
                Streams =
                [
                    new Grant("stdin", input.Handle, rights),
                    new Grant("stdout", output.Handle, rights),
                    new Grant("stderr", error.Handle, rights),
                ],
            });
        Close(input, output, error);
        return started;
    }

    public Result<ulong> Bring(Request request, ulong set, string path, Capability directory)
    {
        Result<ulong> brought = parts.Shelf.Add(set, path, directory.Handle);
        if (!brought.IsOk) Close(directory);
        return brought;
    }

    public Result<JobEnded> WaitJob(Request request, uint job) => parts.Jobs.Wait(request, job);

    public Result<TextPage> ListJobs(Request request, ulong firstLine, WriteLease text)
    {
        List<string> lines = [];
        foreach (Job job in parts.JobTable.All) lines.Add(job.Line);
        return Answer(lines, firstLine, text);
    }

    public Status ReapJob(Request request, uint job) => Once(request, () => parts.Jobs.Reap(job));

    // What any task may ask: nothing that changes another task.
    private static bool IsReading(ushort operation) =>
        operation is 3 or 4 or 13 or 14 or 15 or 16 or 17 or 19 or 22 or 25 or 26;

    private Status Move(string name, Running running)
    {
        ServerTask? task = parts.TaskTable.Find(name);
        Job? job = task is null ? parts.JobTable.Find(name) : null;
        if (task is null && job is null) return Status.NotFound;
        if (!(task?.IsAlive ?? job!.IsAlive)) return Status.Exited;
        if (running == Running.Stopped && task?.Spec.Stop == StopRule.Refused)
            return Status.NotSupported;
        IKernel kernel = parts.Authority.Kernel;
        Handle process = task?.Process ?? job!.Process;
        Status status = running == Running.Stopped
            ? kernel.ProcessStop(process)
            : kernel.ProcessContinue(process);
        if (status != Status.Ok) return status;
        // Saved: the next incarnation would let go on what nobody seems to have stopped.
        if (task is not null)
        {
            task.Running = running;
            parts.Vault.Save(task);
        }
        else
        {
            job!.Running = running;
            parts.Vault.Save(job);
        }
        return Status.Ok;
    }

    /// <summary>
    /// What is done is recorded in its first transaction; what comes of it, at the end.
    /// </summary>
    private Status Once(Request request, Func<Status> act)
    {
        RequestLog requests = parts.Vault.Requests;
        if (requests.TryFind(request, out ulong before)) return (Status)before;
        requests.Record(request, (ulong)Status.Ok);
        Status status = act();
        if (status != Status.Ok) requests.Record(request, (ulong)status);
        return status;
    }

    /// <summary>
    /// Ends a process. Which one is recorded before: when this request comes again, because the
    /// supervisor has died or was the one to end, the next incarnation of the task is spared.
    /// </summary>
    private Status End(Request request, string name, Func<ServerTask, Status> end)
    {
        RequestLog requests = parts.Vault.Requests;
        bool isAgain = requests.TryFind(request, out ulong decided);
        ServerTask? task = isAgain
            ? parts.TaskTable.Find(new ProcessId((uint)decided))
            : parts.TaskTable.Find(name);
        Job? job = task is not null ? null
            : parts.JobTable.Find(isAgain ? decided.ToString() : name);
        if (task is null && job is null) return isAgain ? Status.Ok : EndSpare(name);
        if (!isAgain && (task?.IsAlive ?? job!.IsAlive))
        {
            requests.Record(request, (task?.ProcessId ?? job!.ProcessId).Value);
            parts.Vault.Commit();
        }
        return task is not null ? end(task) : parts.Jobs.Kill(job!);
    }

    private void Close(params ReadOnlySpan<Capability> received)
    {
        foreach (Capability one in received)
        {
            if (!one.Handle.IsNone) parts.Authority.Kernel.Close(one.Handle);
        }
    }

    /// <summary>What is ready for a start, and for nobody yet.</summary>
    private Status EndSpare(string name)
    {
        Handle process = parts.Spares.Find(name)?.Process ?? parts.Templates.Find(name);
        return process.IsNone
            ? Status.NotFound : parts.Authority.Kernel.ProcessKill(process);
    }

    private Result<TextPage> Answer(List<string> lines, ulong firstLine, WriteLease text)
    {
        int length = (int)Math.Min(text.LengthBytes, MaxPageBytes);
        TextPage page = TextPages.Fill(lines, firstLine, _page.AsSpan(0, length));
        Status status = text.CopyFrom(0, _page.AsSpan(0, (int)page.LengthBytes));
        return status == Status.Ok ? page : status;
    }
}
