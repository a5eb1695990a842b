// All notifications that the machine can have, made at boot, and the one way to signal them.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Ipc;

public sealed class NotificationTable : IObjectTable
{
    readonly Kernel kernel;
    readonly Notification[] notifications;
    readonly int[] free;
    int freeCount;

    public NotificationTable(Kernel kernel, int capacity)
    {
        this.kernel = kernel;
        notifications = new Notification[capacity];
        free = new int[capacity];
        for (int index = 0; index < capacity; index++)
        {
            notifications[index] = new Notification(index);
            free[capacity - 1 - index] = index;
        }

        freeCount = capacity;
    }

    public int Capacity => notifications.Length;
    public int Count => notifications.Length - freeCount;
    public Notification this[int index] => notifications[index];

    /// <summary>Null when the table is used up.</summary>
    public Notification? Create()
    {
        kernel.Reclaimer.RunUntilFree(in freeCount);
        if (freeCount == 0) return null;
        Notification notification = notifications[free[--freeCount]];
        notification.IsUsed = true;
        notification.References = 0;
        notification.Bits = 0;
        return notification;
    }

    /// <summary>Adds bits; a thread that waits for them goes on.</summary>
    public void Signal(Notification notification, ulong bits)
    {
        notification.Bits |= bits;
        if (notification.Bits != 0 && notification.BoundThread is { } thread
            && thread.State == ThreadState.InReceive && !thread.IsStopped)
        {
            ReceivePath.Poll(kernel, thread);
        }
    }

    /// <summary>For kernel records that keep one: pairs with Release.</summary>
    public void AddReference(Notification notification) => notification.References++;

    public void Release(Notification notification)
    {
        if (--notification.References > 0) return;
        if (notification.BoundThread is { } thread) Unbind(thread);
        Free(notification);
    }

    public void Bind(Notification notification, Thread thread)
    {
        Unbind(thread);
        thread.BoundNotification = notification;
        notification.BoundThread = thread;
    }

    public void Unbind(Thread thread)
    {
        if (thread.BoundNotification is not { } notification) return;
        thread.BoundNotification = null;
        notification.BoundThread = null;
    }

    /// <summary>Undoes Create when no capability could be made.</summary>
    public void Free(Notification notification)
    {
        notification.IsUsed = false;
        notification.Maker.Clear(ObjectType.Notification);
        free[freeCount++] = notification.Index;
    }
}
