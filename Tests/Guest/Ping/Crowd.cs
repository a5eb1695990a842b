// Tasks that do nothing but be there: each has come up, and sleeps with a deadline.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Tests.Guest.Ping;

internal sealed class Crowd(TaskContext task)
{
    public const string Role = "sleeper";
    private const int MemoryPages = 4096, LookEachMs = 20, MaxLooks = 3_000;
    private const ushort Handles = 16, Threads = 8;

    private readonly IKernel _kernel = task.Kernel;
    private readonly Handle _machine = task.Claim("machine");
    private readonly ProcessRow[] _rows = new ProcessRow[Limits.Processes];

    /// <summary>What such a task does.</summary>
    public static int Sleep()
    {
        Thread.Sleep(TimeSpan.FromHours(1));
        return 0;
    }

    /// <summary>Starts tasks until there are so many in the system, all of them asleep.</summary>
    public void GrowTo(int tasks)
    {
        for (int count = Living().Length; count < tasks; count++) StartOne();
        for (int looks = 0; Living().ToArray().Any(IsBusy); looks++)
        {
            Require(looks < MaxLooks, "the crowd is not quiet");
            Thread.Sleep(LookEachMs);
        }
        Require(Living().Length == tasks, "some have died");
    }

    /// <summary>It is coming up: its runtime has two threads once it has.</summary>
    private static bool IsBusy(ProcessRow row) =>
        FixedFields.Name(row) == Role && (row.ReadyThreads > 0 || row.Threads < 2);

    private static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }

    private ReadOnlySpan<ProcessRow> Living()
    {
        Result<int> read = _kernel.InspectAll<ProcessRow>(_machine, InspectKind.Processes, _rows);
        Require(read.IsOk, "the list of processes");
        return _rows.AsSpan(0, read.Value);
    }

    private void StartOne()
    {
        ProcessSpec spec = new()
        {
            Image = _kernel.ImageOpen(_machine, "ping").Value.Value,
            MemoryQuotaPages = MemoryPages, HandleQuota = Handles, ThreadQuota = Threads,
            LayerValue = Layer.Program.Value,
        };
        FixedFields.SetName(ref spec, Role);
        Handle process = _kernel.ProcessCreate(_machine, spec).Value.Process;
        Status status = _kernel.ProcessStart(process, ["ping", Role], []);
        Require(status == Status.Ok, "start");
        _kernel.Close(process);
        _kernel.Close(new Handle(spec.Image));
    }
}
