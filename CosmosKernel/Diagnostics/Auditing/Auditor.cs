// Walks the kernel's tables and names what is left of the dead, or held by nobody.
//
// Rules: one slice at a time, between traps; each rule looks at one record as it is now, changes
// nothing and allocates nothing, so it does not matter what happens between two slices. A slice
// ends after SliceUnits of about ten instructions, and no record costs more than as many again.

using System;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

public static class Auditor
{
    public const int SliceUnits = 900;

    /// <summary>Looks at one record; answers what that has cost.</summary>
    delegate int Rule(Kernel kernel, int index, ref AuditReport report);

    static readonly Rule[] Rules =
    [
        FrameRules.CheckAll, ProcessRules.Check, ThreadRules.Check, EndpointRules.Check,
        NotificationRules.Check, VaultRules.Check, MemoryRules.Check, CapabilityRules.Check,
    ];

    static int CountOf(Kernel kernel, int stage) => stage switch
    {
        0 => 1,
        1 => kernel.Processes.End,
        2 => kernel.Threads.End,
        3 => kernel.Endpoints.Capacity,
        4 => kernel.Notifications.Capacity,
        5 => kernel.Vaults.End,
        6 => kernel.MemoryObjects.End,
        _ => kernel.Capabilities.Capacity,
    };

    /// <summary>
    /// One slice from the cursor on (0 first). Answers the next cursor, 0 at the end; one that
    /// names nothing ends the audit.
    /// </summary>
    public static ulong RunSlice(Kernel kernel, ulong cursor, out AuditReport report)
    {
        report = default;
        int units = 0;
        uint index = (uint)cursor;
        for (ulong stage = cursor >> 32; stage < (ulong)Rules.Length; stage++, index = 0)
        {
            Rule rule = Rules[stage];
            int count = CountOf(kernel, (int)stage);
            for (; index < (uint)count; index++)
            {
                if (units >= SliceUnits)
                {
                    End(kernel, ref report);
                    return stage << 32 | index;
                }

                units += rule(kernel, (int)index, ref report);
                report.Looked++;
            }
        }

        End(kernel, ref report);
        return 0;
    }

    /// <summary>All slices at once, for tests: no trap comes in between.</summary>
    public static AuditReport RunAll(Kernel kernel)
    {
        AuditReport all = default;
        ulong cursor = 0;
        do
        {
            cursor = RunSlice(kernel, cursor, out AuditReport slice);
            all.Add(slice);
        }
        while (cursor != 0);
        return all;
    }

    static void End(Kernel kernel, ref AuditReport report) => report.ReclaimPending =
        kernel.Reclaimer.PendingCount + (kernel.HasDyingMemory ? 1ul : 0ul);
}
