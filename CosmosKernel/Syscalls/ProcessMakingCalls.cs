// Processes from images: ImageOpen, ProcessCreate, ProcessStart. The rest is in ProcessCalls.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class ProcessMakingCalls
{
    private const int MaxImageNameBytes = 64;

    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        Status? status;
        switch (call)
        {
            case SystemCall.ImageOpen: status = ImageOpen(kernel, thread); break;
            case SystemCall.ProcessCreate: status = ProcessCreate(kernel, thread); break;
            case SystemCall.ProcessStart: status = ProcessStart(kernel, thread); break;
            case SystemCall.Snapshot: status = Snapshot.Take(kernel, thread); break;
            default: return false;
        }

        if (status is { } answer) SystemCallTable.Answer(thread, answer);
        else SystemCallTable.Malformed(kernel, thread);
        return true;
    }

    /// <summary>Null, here and below: a malformed call.</summary>
    static Status? ImageOpen(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Span<byte> name = stackalloc byte[MaxImageNameBytes];
        ulong lengthBytes = frame->A2;
        if (!kernel.UserMemory.IsUserRange(frame->A1, lengthBytes)) return null;
        Status status = kernel.Capabilities.FindObject(
            thread.Process, frame->A0, ObjectType.Machine, Rights.Create, out _);
        if (status != Status.Ok) return status;
        if (lengthBytes > MaxImageNameBytes) return Status.NotFound;
        name = name[..(int)lengthBytes];
        if (!kernel.UserMemory.TryRead(thread.Process, frame->A1, name)) return null;
        MemoryObject? image = kernel.Images.Find(name);
        if (image is null) return Status.NotFound;
        status = kernel.Capabilities.Create(thread.Process, ObjectType.Memory, image.Index,
            Rights.Read | Rights.Execute | Rights.Pass, out Handle handle);
        if (status == Status.Ok) frame->A0 = handle.Value;
        return status;
    }

    static Status? ProcessCreate(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ProcessSpec spec = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<ProcessSpec>(ref spec));
        if (!kernel.UserMemory.TryRead(thread.Process, frame->A1, bytes)) return null;
        if (spec.Kind > ProcessKind.Template || spec.Priority > Priority.Driver) return null;
        Status status = Decode(kernel, thread, spec, out MemoryObject? image,
            out Process? template, out Vault? vault, out Ipc.Notification? notification);
        if (status != Status.Ok) return status;

        Process? child = kernel.Processes.Create(thread.Process);
        if (child is null) return Status.QuotaExceeded;
        SetUp(child, spec);
        status = vault is null ? Status.Ok : kernel.Vaults.TryGiveTo(vault, child);
        if (status == Status.Ok)
        {
            if (vault is not null) kernel.Processes.AttachVault(child, vault.Index);
            status = template is not null
                ? Snapshot.Load(kernel, child, template)
                : ProcessLoader.Load(kernel, child, image!);
            if (status == Status.Ok && image is not null)
                status = kernel.MemoryObjects.Recharge(image, child);
        }

        Handle handle = Handle.None;
        if (status == Status.Ok)
        {
            status = kernel.Capabilities.Create(thread.Process, ObjectType.Process, child.Index,
                Rights.All, out handle, child.Generation);
        }

        if (status != Status.Ok)
        {
            Undo(kernel, child);
            return status;
        }

        if (notification is not null)
        {
            kernel.Notifications.AddReference(notification);
            child.DeathNotification = notification;
            child.DeathBits = spec.DeathBits;
        }

        frame->A0 = handle.Value;
        frame->A1 = child.Id.Value;
        return Status.Ok;
    }

    static Status Decode(
        Kernel kernel, Thread thread, in ProcessSpec spec, out MemoryObject? image,
        out Process? template, out Vault? vault, out Ipc.Notification? notification)
    {
        image = null;
        template = null;
        vault = null;
        notification = null;
        Process maker = thread.Process;
        Status status = kernel.Capabilities.FindObject(
            maker, thread.Frame->A0, ObjectType.Machine, Rights.Create, out _);
        if (status != Status.Ok) return status;
        if (spec.LayerValue <= maker.Layer.Value) return Status.LayerViolation;
        status = DecodeImage(kernel, thread, spec, out image, out template);
        if (status != Status.Ok) return status;
        int index;
        if (spec.DeathNotification != 0)
        {
            status = kernel.Capabilities.FindObject(maker, spec.DeathNotification,
                ObjectType.Notification, Rights.Signal, out index);
            if (status != Status.Ok) return status;
            notification = kernel.Notifications[index];
        }

        if (spec.Vault == 0) return Status.Ok;
        status = kernel.Capabilities.FindObject(
            maker, spec.Vault, ObjectType.Vault, Rights.Write, out index);
        if (status != Status.Ok) return status;
        vault = kernel.Vaults[index];
        return vault.Owner is null && !vault.IsProbed ? Status.Ok : Status.Locked;
    }

    /// <summary>One of the two, by the type of the handle.</summary>
    static Status DecodeImage(
        Kernel kernel, Thread thread, in ProcessSpec spec, out MemoryObject? image,
        out Process? template)
    {
        image = null;
        template = null;
        Status status = kernel.Capabilities.FindObject(
            thread.Process, spec.Image, ObjectType.Memory, Rights.Execute, out int index);
        if (status == Status.Ok) image = kernel.MemoryObjects[index];
        if (status != Status.WrongType) return status;
        status = ProcessCalls.Find(kernel, thread, spec.Image, Rights.Create, out template);
        if (status != Status.Ok) return status;
        if (template is null || !template.IsAlive) return Status.Exited;
        if (template.Kind != ProcessKind.Template || spec.Kind != ProcessKind.Ordinary
            || template.MemoryQuotaPages != spec.MemoryQuotaPages)
        {
            return Status.BadArgument;
        }

        return template.State == ProcessState.Template ? Status.Ok : Status.WouldBlock;
    }

    static void SetUp(Process child, in ProcessSpec spec)
    {
        child.MemoryQuotaPages = spec.MemoryQuotaPages;
        child.HandleQuota = spec.HandleQuota;
        child.ThreadQuota = spec.ThreadQuota;
        child.Kind = spec.Kind;
        child.Priority = spec.Priority;
        child.Layer = new Layer(spec.LayerValue);
        child.Incarnation = spec.Incarnation;
        for (int i = 0; i < ProcessSpec.MaxNameBytes; i++) child.Name[i] = spec.Name[i];
    }

    /// <summary>A process that never ran and that nobody has a handle for.</summary>
    static void Undo(Kernel kernel, Process child)
    {
        Snapshot.Drop(kernel, child);
        ProcessLoader.Unload(kernel, child);
        if (child.VaultIndex >= 0)
        {
            kernel.Vaults.TakeFrom(child);
            kernel.Processes.DetachVault(child);
        }

        kernel.Processes.Free(child);
    }

    static Status? ProcessStart(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = ProcessCalls.Find(
            kernel, thread, frame->A0, Rights.Create, out Process? child);
        if (status != Status.Ok) return status;
        if (child is null || !child.IsAlive) return Status.Exited;
        if (child.State != ProcessState.Created) return Status.BadArgument;
        if (frame->A2 > Limits.StartBlockBytes) return Status.TooLarge;
        if (frame->A3 > Limits.StartBlockBytes) return Status.BadArgument;
        status = StartBlock.TryWrite(kernel, thread.Process, frame->A1, (uint)frame->A2,
            (uint)frame->A3, child, out ulong stackPointer, out bool isBadSource);
        if (isBadSource) return null;
        if (status != Status.Ok) return status;
        kernel.Reclaimer.KeepUp();
        return ProcessLoader.Start(kernel, child, stackPointer);
    }
}
