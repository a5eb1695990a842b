// A notification wakes a living thread or nobody, and somebody can still signal it.

using CosmosKernel.Ipc;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class NotificationRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        Notification notification = kernel.Notifications[index];
        if (notification.BoundThread is { } thread
            && (!notification.IsUsed || ThreadRules.IsDead(thread)
                || thread.BoundNotification != notification))
        {
            report.AddLeaked(AuditKind.Notification, index, thread.Process.Id.Value);
        }

        if (notification.IsUsed && notification.References <= 0)
            report.AddLeaked(AuditKind.Record, index, 0);
        return 4;
    }
}
