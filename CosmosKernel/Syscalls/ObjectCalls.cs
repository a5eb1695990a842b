// Objects of the kernel's own: endpoints, notifications, the calling thread.

using CosmosKernel.Arch;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class ObjectCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        Status status;
        switch (call)
        {
            case SystemCall.EndpointCreate: status = EndpointCreate(kernel, thread); break;
            case SystemCall.NotificationCreate: status = NotificationCreate(kernel, thread); break;
            case SystemCall.NotificationSignal: status = Signal(kernel, thread); break;
            case SystemCall.NotificationBind: status = Bind(kernel, thread); break;
            case SystemCall.ThreadSelf: status = ThreadSelf(kernel, thread); break;
            default: return false;
        }

        SystemCallTable.Answer(thread, status);
        return true;
    }

    static Status EndpointCreate(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        if (frame->A0 > (ulong)OnDeath.Vanish || frame->A1 > byte.MaxValue)
            return Status.BadArgument;
        EndpointTable table = kernel.Endpoints;
        if (!ObjectQuota.MayMake(kernel, thread.Process, ObjectType.Endpoint, table))
            return Status.QuotaExceeded;

        Endpoint? endpoint = table.Create(
            (OnDeath)frame->A0, new Layer((byte)frame->A1), frame->A2);
        if (endpoint is null) return Status.QuotaExceeded;
        endpoint.Maker.Set(thread.Process, ObjectType.Endpoint);
        Status status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Endpoint, endpoint.Index, Rights.All, out Handle handle);
        if (status == Status.Ok) frame->A0 = handle.Value;
        else table.Free(endpoint);
        return status;
    }

    static Status NotificationCreate(Kernel kernel, Thread thread)
    {
        NotificationTable table = kernel.Notifications;
        if (!ObjectQuota.MayMake(kernel, thread.Process, ObjectType.Notification, table))
            return Status.QuotaExceeded;

        Notification? notification = table.Create();
        if (notification is null) return Status.QuotaExceeded;
        notification.Maker.Set(thread.Process, ObjectType.Notification);
        Status status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Notification, notification.Index, Rights.All,
            out Handle handle);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        else table.Free(notification);
        return status;
    }

    static Status Signal(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Notification, Rights.Signal,
            out int index);
        if (status == Status.Ok)
            kernel.Notifications.Signal(kernel.Notifications[index], thread.Frame->A1);
        return status;
    }

    static Status Bind(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Notification, Rights.Wait, out int index);
        if (status != Status.Ok) return status;
        Notification notification = kernel.Notifications[index];
        if (notification.BoundThread is { } other && other != thread) return Status.AlreadyExists;
        kernel.Notifications.Bind(notification, thread);
        return Status.Ok;
    }

    static Status ThreadSelf(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Thread, thread.Index, Rights.All, out Handle handle,
            thread.Generation);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        return status;
    }
}
