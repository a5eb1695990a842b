// A vault is mapped by one living process or by none, and somebody can still hand it on.

using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class VaultRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        Vault vault = kernel.Vaults[index];
        if (vault.Owner is { } owner && !Maps(owner, vault))
            report.AddLeaked(AuditKind.Vault, index, owner.Id.Value);
        if (vault.Suspended is { } suspended && !Maps(suspended, vault))
            report.AddLeaked(AuditKind.Vault, index, suspended.Id.Value);
        if (vault.IsDying) report.AddReclaiming(AuditKind.Record);
        else if (vault.IsUsed && vault.Capabilities <= 0 && vault.Owner is null
            && vault.Suspended is null)
        {
            report.AddLeaked(AuditKind.Record, index, 0);
        }

        return 5;
    }

    static bool Maps(Process process, Vault vault) =>
        vault.IsUsed && !process.HasEnded && process.VaultIndex == vault.Index;
}
