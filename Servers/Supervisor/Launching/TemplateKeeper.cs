// Keeps a started runtime of each image that is started again and again, from which the kernel
// copies new processes.
//
// Rules: a template is made when nothing else is to do, from an image's second start on, and while
// half of the machine's memory is free; it has no capability and is in no row, so that a supervisor
// that dies takes its templates along; what cannot be copied is started from the image.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Supervisor.Launching;

public sealed class TemplateKeeper(Authority authority, KernelLists lists, int maxTemplates)
{
    private const ulong MakeAfterNs = 5_000_000;
    private const int StartsBefore = 2;

    /// <summary>One image at one quota, which the runtime's heap is cut for.</summary>
    private sealed class Entry(string image, TaskSpec spec)
    {
        public string Image { get; } = image;
        public TaskSpec Spec { get; } = spec;
        public Handle Process { get; set; }
        public int Starts { get; set; }
        public ulong LastUseNs { get; set; }
        /// <summary>It has died by itself, and would again.</summary>
        public bool IsUnfit { get; set; }
    }

    private readonly IKernel _kernel = authority.Kernel;
    private readonly List<Entry> _entries = [];

    /// <summary>When MakeIfDue wants to be called; 0 never.</summary>
    public ulong NextMakeNs { get; private set; }

    /// <summary>A process to copy for one more start of the image; None: there is none.</summary>
    public Handle Find(string image, TaskSpec spec)
    {
        if (maxTemplates == 0) return Handle.None;
        Entry? entry = _entries.Find(
            one => one.Image == image && one.Spec.MemoryPages == spec.MemoryPages);
        if (entry is null)
        {
            entry = new Entry(image, spec);
            _entries.Add(entry);
        }
        entry.Starts++;
        entry.LastUseNs = authority.NowNs;
        bool isWanted = entry.Process.IsNone && !entry.IsUnfit && entry.Starts >= StartsBefore;
        if (isWanted && NextMakeNs == 0) NextMakeNs = entry.LastUseNs + MakeAfterNs;
        return entry.Process;
    }

    /// <summary>By the name that `ps` shows; None: there is none.</summary>
    public Handle Find(string name) =>
        _entries.Find(entry => NameOf(entry) == name)?.Process ?? Handle.None;

    private static string NameOf(Entry entry) => $"{entry.Image}+template";

    public void MakeIfDue(ulong nowNs)
    {
        if (NextMakeNs == 0 || nowNs < NextMakeNs) return;
        NextMakeNs = 0;
        foreach (Entry entry in _entries)
        {
            if (!entry.Process.IsNone || entry.IsUnfit || entry.Starts < StartsBefore) continue;
            KernelCounters counters = lists.Counters();
            if (counters.FreeFrames < counters.TotalFrames / 2) return;
            MakeRoom();
            if (Make(entry) != Status.Ok) entry.IsUnfit = true;
        }
    }

    /// <summary>Lets go of templates that have died.</summary>
    public void Sweep()
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Process.IsNone) continue;
            Result<uint> dead = _kernel.ProcessCollect(
                entry.Process, out DeathRecord record, [], CollectMode.Look);
            if (!dead.IsOk) continue;
            authority.Log($"death of a template {entry.Image}[{record.Process}]: {record.Cause}");
            entry.IsUnfit = record.Cause != DeathCause.Killed;
            entry.Starts = 0;
            End(entry);
        }
    }

    private Status Make(Entry entry)
    {
        Result<Handle> image = _kernel.ImageOpen(authority.Machine, entry.Image);
        if (!image.IsOk) return image.Status;
        ProcessSpec spec = new()
        {
            Image = image.Value.Value,
            Kind = ProcessKind.Template,
            DeathNotification = authority.Deaths.Value,
            DeathBits = Authority.DeathBits,
            MemoryQuotaPages = entry.Spec.MemoryPages,
            HandleQuota = 0,
            ThreadQuota = entry.Spec.Threads,
            Priority = Priority.Program,
            LayerValue = Layer.Program.Value,
        };
        FixedFields.SetName(ref spec, NameOf(entry));
        Result<CreatedProcess> created = _kernel.ProcessCreate(authority.Machine, spec);
        _kernel.Close(image.Value);
        if (!created.IsOk) return created.Status;
        entry.Process = created.Value.Process;
        Status status = _kernel.ProcessStart(entry.Process, [entry.Image], []);
        if (status != Status.Ok) End(entry);
        return status;
    }

    private void MakeRoom()
    {
        Entry? oldest = null;
        int count = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Process.IsNone) continue;
            count++;
            if (oldest is null || entry.LastUseNs < oldest.LastUseNs) oldest = entry;
        }
        if (count < maxTemplates || oldest is null) return;
        oldest.Starts = 0;
        End(oldest);
    }

    private void End(Entry entry)
    {
        _kernel.ProcessKill(entry.Process);
        _kernel.ProcessCollect(entry.Process, out _, []);
        _kernel.Close(entry.Process);
        entry.Process = Handle.None;
    }
}
