// Counts what the kernel has, before and after a test's work: all must have come back.
//
// Rules: linked into the guest programs that end or start tasks. Reclaiming goes on in slices after
// a death, and a spare that was used is made anew later, so both looks wait a while. A program's
// first tasks bring up what stays (pools of the supervisor and its own): it counts after those.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Churn.Ledger;

internal sealed class KernelLedger(TaskContext task)
{
    private const int SettleTries = 300, SettleMs = 10;
    /// <summary>So many looks without a change: many times what a spare waits.</summary>
    private const int QuietLooks = 30;

    private readonly Handle _machine = task.Claim("machine");
    private readonly ProcessRow[] _rows = new ProcessRow[Limits.Processes];
    private readonly KernelCounters[] _counters = new KernelCounters[1];

    public KernelCounters Counters()
    {
        Status status = task.Kernel.Inspect<KernelCounters>(
            _machine, InspectKind.Counters, 0, _counters).Status;
        if (status != Status.Ok) throw new InvalidOperationException($"counters: {status}");
        return _counters[0];
    }

    public KernelStock Count()
    {
        ulong frames = 0, cursor = 0;
        do
        {
            Result<InspectPage<ProcessRow>> page = task.Kernel.Inspect<ProcessRow>(
                _machine, InspectKind.Processes, cursor, _rows);
            if (!page.IsOk) throw new InvalidOperationException($"processes: {page.Status}");
            foreach (ref readonly ProcessRow row in _rows.AsSpan(0, page.Value.Count))
                frames += row.MemoryPages;
            cursor = page.Value.NextCursor;
        }
        while (cursor != 0);
        return new KernelStock(Counters(), frames);
    }

    /// <summary>Once nothing comes or goes any more, or after three seconds.</summary>
    public KernelStock Settled()
    {
        (ulong, ulong, ulong) last = default;
        int quiet = 0;
        for (int tries = 0; tries < SettleTries && quiet < QuietLooks; tries++)
        {
            KernelCounters now = Counters();
            var seen = (now.Processes, now.Capabilities, now.ReclaimPending);
            quiet = seen == last && now.ReclaimPending == 0 ? quiet + 1 : 0;
            last = seen;
            Thread.Sleep(SettleMs);
        }
        return Count();
    }

    /// <summary>What has not come back after three seconds; "" as soon as all has.</summary>
    public string NotGivenBack(in KernelStock before)
    {
        string grown = "";
        for (int tries = 0; tries < SettleTries; tries++)
        {
            grown = Count().GrownSince(before);
            if (grown.Length == 0) break;
            Thread.Sleep(SettleMs);
        }
        return grown;
    }
}
