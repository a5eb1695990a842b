// A Memory object goes with its last capability and mapping.

using CosmosKernel.Memory;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class MemoryRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        MemoryObject held = kernel.MemoryObjects[index];
        if (held.Kind == MemoryObjectKind.Dying) report.AddReclaiming(AuditKind.Record);
        else if (held.Kind != MemoryObjectKind.Free && held.Capabilities <= 0
            && held.Mappings <= 0 && !held.IsDma)
        {
            report.AddLeaked(AuditKind.Record, index, 0);
        }

        return 4;
    }
}
