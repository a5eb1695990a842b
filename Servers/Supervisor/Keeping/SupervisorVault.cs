// The supervisor's vault: every row of its tables, as the next incarnation will find it.
//
// Rules: a capability that outlives the supervisor is moved to the vault's table first, then named
// by a row, then used; it leaves the rows first, then is closed. So a death between two steps
// leaves at most capabilities that no row names, and Adoption closes those. Each Save is one
// transaction, together with whatever was staged before it (the record of a request, mostly).

using System;
using System.Collections.Generic;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

public sealed class SupervisorVault
{
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKSUPER6";
    private const int MaxRequests = 64;
    /// <summary>The longest path, source and options, and the fields of fixed size.</summary>
    private const int TaskBytes = 2 * Limits.MaxPathBytes + 2048;
    private const int JobBytes = 1024;
    /// <summary>Its text may be longer on reading: bytes that are no UTF-8 become three.</summary>
    private const int ReportBytes = 3 * Limits.LastWordsBytes + 6 * 1024;
    private const int SystemBytes = 1024;
    private const ulong SystemKey = 1;
    /// <summary>A report, a task, the state and a request's record in one.</summary>
    private static readonly int LogWords = 16 + RecordTable.LogWordsFor(TaskBytes)
        + RecordTable.LogWordsFor(ReportBytes) + RecordTable.LogWordsFor(SystemBytes);

    private readonly SmallVault _vault;
    private readonly RecordTable _system;
    private readonly RecordTable _tasks;
    private readonly RecordTable _jobs;
    private readonly RecordTable _reports;
    private readonly RecordTable _suspects;
    private readonly byte[] _bytes = new byte[Math.Max(TaskBytes, ReportBytes)];

    public SupervisorVault(IVaultMemory memory)
    {
        _vault = new SmallVault(memory, Name, LogWords);
        _system = new RecordTable(_vault, 1, SystemBytes);
        _tasks = new RecordTable(_vault, TaskTable.Capacity, TaskBytes);
        _jobs = new RecordTable(_vault, JobTable.Capacity, JobBytes);
        _reports = new RecordTable(_vault, CrashReports.Capacity, ReportBytes);
        _suspects = new RecordTable(_vault, TaskTable.Capacity, SuspectRecord.MaxBytes);
        Requests = new RequestLog(_vault, MaxRequests);
        IsNew = _vault.IsNew;
        _vault.Publish();
        if (!_system.TryGet(SystemKey, out ReadOnlySpan<byte> bytes)) return;
        RecordReader reader = new(bytes);
        State.Read(ref reader);
    }

    /// <summary>Nobody has written to it before.</summary>
    public bool IsNew { get; }
    public SystemRecord State { get; } = new();
    public RequestLog Requests { get; }

    public List<ServerTask> LoadTasks()
    {
        List<ServerTask> tasks = [];
        foreach (ulong key in _tasks.Keys)
        {
            _tasks.TryGet(key, out ReadOnlySpan<byte> bytes);
            RecordReader reader = new(bytes);
            tasks.Add(TaskRecord.Read(new Badge(key), ref reader));
        }
        return tasks;
    }

    public List<Job> LoadJobs()
    {
        List<Job> jobs = [];
        foreach (ulong key in _jobs.Keys)
        {
            _jobs.TryGet(key, out ReadOnlySpan<byte> bytes);
            RecordReader reader = new(bytes);
            jobs.Add(JobRecord.Read((uint)key, ref reader));
        }
        return jobs;
    }

    /// <summary>The oldest first.</summary>
    public List<CrashReport> LoadReports()
    {
        List<CrashReport> reports = [];
        foreach (ulong key in _reports.Keys)
        {
            _reports.TryGet(key, out ReadOnlySpan<byte> bytes);
            RecordReader reader = new(bytes);
            reports.Add(ReportRecord.Read(ref reader));
        }
        reports.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        return reports;
    }

    /// <summary>Who is accused of hanging, by the latest look of any incarnation.</summary>
    public List<Suspect> LoadSuspects()
    {
        List<Suspect> suspects = [];
        foreach (ulong key in _suspects.Keys)
        {
            _suspects.TryGet(key, out ReadOnlySpan<byte> bytes);
            RecordReader reader = new(bytes);
            suspects.Add(SuspectRecord.Read(new ProcessId((uint)key), ref reader));
        }
        return suspects;
    }

    /// <summary>
    /// Those that are accused, and no others. Each is a transaction; nobody accused: nothing to do.
    /// </summary>
    public void SaveAccused(IReadOnlyCollection<Suspect> suspects)
    {
        HashSet<ulong> cleared = [.. _suspects.Keys];
        foreach (Suspect suspect in suspects)
        {
            if (!suspect.IsAccused) continue;
            cleared.Remove(suspect.Process.Value);
        }
        // First, so that there is room.
        foreach (ulong key in cleared)
        {
            _suspects.Remove(key);
            Commit();
        }
        foreach (Suspect suspect in suspects)
        {
            if (!suspect.IsAccused) continue;
            RecordWriter writer = new(_bytes);
            SuspectRecord.Write(ref writer, suspect);
            _suspects.Put(suspect.Process.Value, writer.Bytes);
            Commit();
        }
    }

    public void Save(ServerTask task)
    {
        RecordWriter writer = new(_bytes);
        TaskRecord.Write(ref writer, task);
        _tasks.Put(task.Badge.Value, writer.Bytes);
        Commit();
    }

    public void Forget(ServerTask task)
    {
        _tasks.Remove(task.Badge.Value);
        Commit();
    }

    public void Save(Job job)
    {
        RecordWriter writer = new(_bytes);
        JobRecord.Write(ref writer, job);
        _jobs.Put(job.Number, writer.Bytes);
        Commit();
    }

    public void Forget(Job job)
    {
        _jobs.Remove(job.Number);
        Commit();
    }

    /// <summary>Part of the next transaction; takes the place of the oldest report.</summary>
    public void Stage(CrashReport report)
    {
        RecordWriter writer = new(_bytes);
        ReportRecord.Write(ref writer, report);
        _reports.Put(1 + report.Number % CrashReports.Capacity, writer.Bytes);
    }

    /// <summary>Part of the next transaction.</summary>
    public void StageState()
    {
        RecordWriter writer = new(_bytes);
        State.Write(ref writer);
        _system.Put(SystemKey, writer.Bytes);
    }

    public void Commit() => _vault.Commit();
}
