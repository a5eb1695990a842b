// Handles: closed, copied, minted, revoked, described.

using CosmosKernel.Arch;
using CosmosKernel.Capabilities;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class CapabilityCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        Status status;
        switch (call)
        {
            case SystemCall.Close: status = Close(kernel, thread); break;
            case SystemCall.Copy: status = Copy(kernel, thread); break;
            case SystemCall.Mint: status = Mint(kernel, thread); break;
            case SystemCall.Revoke:
                status = Revoke(kernel, thread);
                if (status == Status.Ok && kernel.HasRevokedCalls)
                {
                    kernel.Machine.RepeatCall(thread);
                    return true;
                }

                break;
            case SystemCall.MoveToVault: status = MoveToVault(kernel, thread); break;
            case SystemCall.DescribeHandle: status = Describe(kernel, thread); break;
            case SystemCall.CloseLate: status = CloseLate(kernel, thread); break;
            case SystemCall.KeepOpen: status = KeepOpen(kernel, thread); break;
            default: return false;
        }

        SystemCallTable.Answer(thread, status);
        return true;
    }

    static Status Close(Kernel kernel, Thread thread)
    {
        ulong handle = thread.Frame->A0;
        if (Replies.IsReply(handle)) return ReplyPath.Drop(kernel, thread, handle);
        Status status = kernel.Capabilities.Find(thread.Process, handle, out int index);
        if (status == Status.BadHandle) return status;
        kernel.Capabilities.Close(index);
        return Status.Ok;
    }

    static Status CloseLate(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(thread.Process, thread.Frame->A0, out int index);
        if (status == Status.BadHandle) return status;
        kernel.Capabilities.CloseLate(index);
        kernel.ExpectTick();
        return Status.Ok;
    }

    static Status KeepOpen(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(thread.Process, thread.Frame->A0, out int index);
        if (status != Status.Ok) return status;
        return kernel.Capabilities.TryKeep(index) ? Status.Ok : Status.NotFound;
    }

    static Status Copy(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = kernel.Capabilities.Find(thread.Process, frame->A0, out int source);
        if (status != Status.Ok) return status;
        if ((kernel.Capabilities[source].Rights & Rights.Pass) == 0) return Status.NoRight;
        status = Give(kernel, source, thread.Process, frame->A1, out ulong handle);
        if (status == Status.Ok) frame->A0 = handle;
        return status;
    }

    /// <summary>A copy with some of its rights in the process's table, within its quota.</summary>
    public static Status Give(
        Kernel kernel, int source, Process process, ulong rights, out ulong handle)
    {
        handle = 0;
        if ((rights & ~(ulong)Rights.All) != 0) return Status.BadArgument;
        if (process.HandleCount >= process.HandleQuota) return Status.QuotaExceeded;
        int index = kernel.Capabilities.Copy(source, (Rights)rights, process.Handles);
        if (index == 0) return Status.QuotaExceeded;
        handle = kernel.Capabilities.HandleOf(index).Value;
        return Status.Ok;
    }

    static Status Mint(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        CapabilityTable capabilities = kernel.Capabilities;
        Process process = thread.Process;
        Status status = FindSource(kernel, process, frame->A0, frame->A1, out int source);
        if (status != Status.Ok) return status;
        Rights rights = (Rights)frame->A1;
        int parent = source;
        if (frame->A3 != 0)
        {
            status = Replies.Find(kernel, process, frame->A3, out CallRequest? request);
            if (request is null) return status;
            parent = request.ViaCapability;
            rights = RightsFor(request, rights);
        }

        if (process.HandleCount >= process.HandleQuota) return Status.QuotaExceeded;
        status = capabilities.Mint(
            process, source, parent, rights, new Badge(frame->A2), process.Handles,
            out int index);
        if (status == Status.Ok) frame->A0 = capabilities.HandleOf(index).Value;
        return status;
    }

    /// <summary>
    /// The endpoint's capability from which the process may mint one with these rights. BadHandle,
    /// WrongType, NoRight, Revoked, BadArgument.
    /// </summary>
    public static Status FindSource(
        Kernel kernel, Process process, ulong handle, ulong rights, out int source)
    {
        CapabilityTable capabilities = kernel.Capabilities;
        Status status = capabilities.FindEndpoint(process, handle, Rights.Mint, out source);
        if (status != Status.Ok) return status;
        if (kernel.Endpoints[capabilities[source].ObjectIndex].IsVanished) return Status.Revoked;
        if ((rights & ~(ulong)Rights.All) != 0) return Status.BadArgument;
        // Who may mint may let others call: a server holds Receive and Mint, and no Call itself.
        Rights allowed = capabilities[source].Rights | Rights.Use;
        return (rights & ~(ulong)allowed) != 0 ? Status.NoRight : Status.Ok;
    }

    /// <summary>Whoever may not change anything gets nothing that may.</summary>
    public static Rights RightsFor(CallRequest request, Rights rights) =>
        request.Info.IsReadOnly ? rights & ~Rights.Write : rights;

    /// <summary>
    /// Whoever revokes what many call through does so in parts: it is told when they have ended.
    /// What was minted below meanwhile is revoked too.
    /// </summary>
    static Status Revoke(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(
            thread.Process, thread.Frame->A0, out int index);
        if (status != Status.Ok) return status;
        if ((kernel.Capabilities[index].Rights & Rights.Revoke) == 0) return Status.NoRight;
        kernel.Capabilities.Revoke(index);
        CallPath.EndRevoked(kernel);
        return Status.Ok;
    }

    static Status MoveToVault(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Process process = thread.Process;
        Status status = kernel.Capabilities.Find(process, frame->A0, out int index);
        if (status == Status.BadHandle) return status;
        if (frame->A1 > 1) return Status.BadArgument;
        if (process.VaultHandles is not { } vault) return Status.NotFound;
        kernel.Capabilities.Move(index, frame->A1 == 1 ? vault : process.Handles);
        return Status.Ok;
    }

    static Status Describe(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        if (Replies.IsReply(frame->A0)) return DescribeReply(kernel, thread);
        Status status = kernel.Capabilities.Find(thread.Process, frame->A0, out int index);
        if (status == Status.BadHandle) return status;
        ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
        bool isAlive = status == Status.Ok;
        frame->A0 = (ulong)(isAlive ? record.Type : ObjectType.Tombstone);
        frame->A1 = isAlive ? (ulong)record.Rights : 0;
        frame->A2 = isAlive ? kernel.Capabilities.BadgeOf(index).Value : 0;
        frame->A3 = isAlive ? InspectCalls.IndexOf(kernel, record.Type, record.ObjectIndex) : 0;
        return Status.Ok;
    }

    static Status DescribeReply(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = Replies.Find(
            kernel, thread.Process, frame->A0, out CallRequest? request);
        if (status == Status.BadHandle) return status;
        frame->A0 = (ulong)(request is null ? ObjectType.Tombstone : ObjectType.Reply);
        frame->A1 = 0;
        frame->A2 = request is null ? 0 : request.Badge.Value;
        frame->A3 = request is null ? 0 : request.Caller.Id;
        return Status.Ok;
    }
}
