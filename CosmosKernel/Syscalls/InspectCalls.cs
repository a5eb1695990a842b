// What the kernel knows of all objects, as rows: for ps, caps, waits, free and /proc.
//
// Rows are written one by one; a cursor that points to what is gone meanwhile ends the list.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Boot;
using CosmosKernel.Capabilities;
using CosmosKernel.Diagnostics.Timing;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class InspectCalls
{
    private const ulong MaxBytesAtOnce = 64 * 1024;
    /// <summary>A row takes up to 500 instructions (decision 0041).</summary>
    private const int MaxRowsAtOnce = 128;

    /// <summary>Where rows go; stops at the end of the buffer.</summary>
    private ref struct Rows(Kernel kernel, Process process, ulong target, ulong capacityBytes)
    {
        public ulong WrittenBytes;
        public bool IsBadTarget;
        private int _count;

        public readonly bool HasRoom(int rowBytes) => !IsBadTarget && _count < MaxRowsAtOnce
            && capacityBytes - WrittenBytes >= (ulong)rowBytes;

        public void Add<T>(scoped in T row) where T : unmanaged =>
            AddBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in row)));

        public void AddBytes(scoped ReadOnlySpan<byte> bytes)
        {
            if (!kernel.UserMemory.TryWrite(process, target + WrittenBytes, bytes))
                IsBadTarget = true;
            WrittenBytes += (ulong)bytes.Length;
            _count++;
        }
    }

    public static void Inspect(Kernel kernel, Thread thread)
    {
        ulong machine = thread.Frame->A0, kind = thread.Frame->A1, cursor = thread.Frame->A2;
        ulong target = thread.Frame->A3, capacity = Math.Min(thread.Frame->A4, MaxBytesAtOnce);
        Status status = kernel.Capabilities.Find(
            thread.Process, machine, ObjectType.Machine, Rights.Inspect, out _);
        if (status != Status.Ok || kind > (ulong)InspectKind.Stretches)
        {
            SystemCallTable.Answer(thread, status != Status.Ok ? status : Status.BadArgument);
            return;
        }
        if (!kernel.UserMemory.IsUserRange(target, capacity) && capacity > 0)
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }
        var rows = new Rows(kernel, thread.Process, target, capacity);
        ProcessId process = new((uint)thread.Frame->A5);
        status = Write(kernel, (InspectKind)kind, process, ref cursor, ref rows);
        if (rows.IsBadTarget)
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }
        thread.Frame->A0 = cursor;
        thread.Frame->A1 = rows.WrittenBytes;
        SystemCallTable.Answer(thread, status);
    }

    private static Status Write(
        Kernel kernel, InspectKind kind, ProcessId process, ref ulong cursor, ref Rows rows)
    {
        switch (kind)
        {
            case InspectKind.Processes: WriteProcesses(kernel, ref cursor, ref rows); break;
            case InspectKind.Capabilities:
                if (kernel.Processes.FindById(process) is not { } found) return Status.NotFound;
                WriteCapabilities(kernel, found, ref cursor, ref rows);
                break;
            case InspectKind.Waits: WriteWaits(kernel, ref cursor, ref rows); break;
            case InspectKind.Counters:
                if (!rows.HasRoom(sizeof(KernelCounters))) return Status.BadArgument;
                rows.Add(Count(kernel));
                cursor = 0;
                break;
            case InspectKind.Images: WriteImages(kernel, ref cursor, ref rows); break;
            case InspectKind.CommandLine: WriteCommandLine(kernel, ref cursor, ref rows); break;
            case InspectKind.Endpoints: WriteEndpoints(kernel, ref cursor, ref rows); break;
            case InspectKind.Vaults: WriteVaults(kernel, ref cursor, ref rows); break;
            case InspectKind.Trace: WriteTrace(kernel, ref cursor, ref rows); break;
            case InspectKind.Stretches: WriteStretches(kernel, ref cursor, ref rows); break;
        }
        return Status.Ok;
    }

    private static void WriteProcesses(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < (ulong)kernel.Processes.Capacity; index++)
        {
            Process process = kernel.Processes[(int)index];
            if (!process.IsUsed || process.IsCollected && process.Copies == 0) continue;
            cursor = index;
            if (!rows.HasRoom(sizeof(ProcessRow))) return;
            rows.Add(RowOf(process));
        }
        cursor = 0;
    }

    private static ProcessRow RowOf(Process process)
    {
        var row = new ProcessRow
        {
            Id = process.Id.Value,
            Incarnation = process.Incarnation,
            State = process.Copies != 0 ? ProcessState.Template : process.State,
            Cause = process.Death.Cause,
            Priority = process.Priority,
            LayerValue = process.Layer.Value,
            MemoryPages = process.MemoryPages,
            MemoryQuotaPages = process.MemoryQuotaPages,
            Handles = (ushort)process.HandleCount,
            HandleQuota = process.HandleQuota,
            Threads = process.ThreadCount,
            ThreadQuota = process.ThreadQuota,
            VaultNumber = (uint)(process.VaultIndex + 1),
            CpuNs = process.CpuNs,
            StartedNs = process.StartedNs,
            EndpointReceives = process.EndpointReceives,
            ReadyThreads = CountReady(process),
            FirstReplyNs = process.FirstReplyNs,
            ImageNumber = (ushort)(process.ImageIndex + 1),
            DeathNotificationNumber =
                process.DeathNotification is { } death ? (uint)death.Index + 1 : 0,
        };
        process.Name.CopyTo(new Span<byte>(row.Name, ProcessSpec.MaxNameBytes));
        return row;
    }

    private static ushort CountReady(Process process)
    {
        ushort count = 0;
        for (Thread? thread = process.FirstThread; thread is not null;
             thread = thread.NextInProcess)
        {
            if (thread.State == ThreadState.Ready) count++;
        }
        return count;
    }

    private static void WriteCapabilities(
        Kernel kernel, Process process, ref ulong cursor, ref Rows rows)
    {
        if (cursor >= (ulong)kernel.Capabilities.Capacity) cursor = 0;
        int index = (int)cursor;
        if (index == 0) index = process.Handles.First;
        if (index == 0 && process.VaultHandles is { } vault) index = vault.First;
        cursor = 0;
        while (index != 0)
        {
            ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
            if (record.Space != process.Space && record.Space != process.VaultSpace) return;
            if (!rows.HasRoom(sizeof(CapabilityRow)))
            {
                cursor = (ulong)index;
                return;
            }
            rows.Add(RowOf(kernel, process, index));
            int next = record.NextInSpace;
            if (next == 0 && record.Space == process.Space && process.VaultHandles is { } second)
                next = second.First;
            index = next;
        }
    }

    private static CapabilityRow RowOf(Kernel kernel, Process process, int index)
    {
        CapabilityTable table = kernel.Capabilities;
        ref readonly CapabilityRecord record = ref table[index];
        Handle handle = table.HandleOf(index);
        bool isAlive = table.Find(process, handle.Value, out _) == Status.Ok;
        int parent = record.Parent;
        while (parent != 0 && table[parent].Space < 0) parent = table[parent].Parent;
        int owner = parent == 0 ? -1 : table[parent].Space;
        return new CapabilityRow
        {
            HandleValue = handle.Value,
            Type = isAlive ? record.Type : ObjectType.Tombstone,
            InVault = (byte)(record.Space == process.VaultSpace ? 1 : 0),
            Rights = record.Rights,
            ObjectIndex = IndexOf(kernel, record.Type, record.ObjectIndex),
            Badge = isAlive ? table.BadgeOf(index).Value : 0,
            ParentHandle = parent == 0 ? 0 : table.HandleOf(parent).Value,
            ParentProcess = OwnerOf(kernel, owner)?.Id.Value ?? 0,
            Depth = isAlive ? (uint)table.DepthOf(index) : 0,
        };
    }

    /// <summary>Whose capabilities a space has: its own, or those of its vault.</summary>
    private static Process? OwnerOf(Kernel kernel, int space)
    {
        if (space < 0) return null;
        if (space < kernel.Processes.Capacity) return kernel.Processes[space];
        int vault = space - Limits.Processes;
        return vault >= 0 && vault < kernel.Config.Vaults ? kernel.Vaults[vault].Owner : null;
    }

    /// <summary>Number of the object among its kind; for a Process or Thread, its id.</summary>
    public static uint IndexOf(Kernel kernel, ObjectType type, int index) => type switch
    {
        ObjectType.Process => kernel.Processes[index].Id.Value,
        ObjectType.Thread => kernel.Threads[index].Id,
        _ => (uint)index,
    };

    private static void WriteWaits(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < (ulong)kernel.Threads.End; index++)
        {
            Thread thread = kernel.Threads[(int)index];
            if (thread.State != ThreadState.InCall) continue;
            cursor = index;
            if (!rows.HasRoom(sizeof(WaitRow))) return;
            rows.Add(RowOf(thread));
        }
        cursor = 0;
    }

    private static WaitRow RowOf(Thread thread)
    {
        CallRequest request = thread.Request;
        Process? server = request.Endpoint?.Server;
        bool isAlive = server is not null && server.IsAlive
            && !request.Endpoint!.IsServerDead;
        bool isDelivered = request.State is RequestState.Delivered or RequestState.Parked;
        return new WaitRow
        {
            CallerProcess = thread.Process.Id.Value,
            CallerThread = thread.Id,
            ServerProcess = isAlive ? server!.Id.Value : 0,
            EndpointIndex = (uint)(request.Endpoint?.Index ?? 0),
            RequestId = request.Id.Value,
            Badge = request.Badge.Value,
            SinceNs = request.SinceNs,
            DeadlineNs = request.DeadlineNs,
            Operation = request.Info.Code,
            Attempt = request.Attempt,
            State = request.State switch
            {
                RequestState.Delivered => WaitState.Delivered,
                RequestState.Parked => WaitState.Parked,
                _ => WaitState.Queued,
            },
            ServerAlive = (byte)(isAlive ? 1 : 0),
            ServerWaits = isDelivered && request.Server?.State == ThreadState.InCall
                ? (byte)1 : (byte)0,
            Flags = (byte)(request.Info.Flags & MessageFlags.All),
            DeliveredNs = isDelivered ? request.DeliveredNs : 0,
            NestedCalls = isDelivered ? request.NestedCount : 0,
        };
    }

    /// <summary>What is counted as it happens, and the sizes of the tables.</summary>
    public static KernelCounters Count(Kernel kernel)
    {
        KernelCounters counters = kernel.Counters;
        counters.UptimeNs = kernel.NowNs;
        counters.TotalFrames = kernel.Frames.TotalFrames;
        counters.FreeFrames = kernel.Frames.FreeFrames;
        CountProcesses(kernel, ref counters);
        counters.Capabilities = (ulong)kernel.Capabilities.UsedCount;
        counters.Endpoints = (ulong)kernel.Endpoints.Count;
        counters.Notifications = (ulong)kernel.Notifications.Count;
        counters.MemoryObjects = (ulong)kernel.MemoryObjects.Count;
        counters.Vaults = (ulong)kernel.Vaults.Count;
        counters.Replies = CountReplies(kernel);
        counters.ReclaimPending = kernel.Reclaimer.PendingCount;
        counters.KernelCollections = (ulong)(GC.CollectionCount(0) - kernel.BootCollections);
        counters.KernelHeapBytes = (ulong)GC.GetAllocatedBytesForCurrentThread();
        counters.TscHz = kernel.Machine.TscHz;
        return counters;
    }

    private static void CountProcesses(Kernel kernel, ref KernelCounters counters)
    {
        counters.Processes = (ulong)kernel.Processes.Count;
        counters.Threads = (ulong)kernel.Threads.Count;
        for (int index = 0; index < kernel.Processes.End; index++)
        {
            Process process = kernel.Processes[index];
            if (!process.IsUsed || process.Kind != ProcessKind.Template) continue;
            counters.Processes--;
            counters.Threads -= process.ThreadCount;
            if (process.IsAlive) counters.Templates++;
        }
    }

    private static ulong CountReplies(Kernel kernel)
    {
        ulong count = 0;
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            Thread thread = kernel.Threads[index];
            if (thread.State == ThreadState.InCall
                && thread.Request.State is RequestState.Delivered or RequestState.Parked) count++;
        }
        return count;
    }

    private static void WriteImages(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < (ulong)kernel.Boot.Images.Length; index++)
        {
            cursor = index;
            if (!rows.HasRoom(sizeof(ImageRow))) return;
            BootImage image = kernel.Boot.Images[index];
            var row = new ImageRow { LengthBytes = image.LengthBytes };
            const int MaxName = 55;
            image.Name.AsSpan(0, Math.Min(image.Name.Length, MaxName))
                .CopyTo(new Span<byte>(row.Name, MaxName));
            rows.Add(row);
        }
        cursor = 0;
    }

    private static void WriteEndpoints(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < (ulong)kernel.Endpoints.Capacity; index++)
        {
            Endpoint endpoint = kernel.Endpoints[(int)index];
            if (!endpoint.IsUsed) continue;
            cursor = index;
            if (!rows.HasRoom(sizeof(EndpointRow))) return;
            var row = new EndpointRow
            {
                Index = (uint)index,
                LastServer = endpoint.LastServer.Value,
                LayerValue = endpoint.Layer.Value,
                OnDeath = endpoint.OnDeath,
                DefaultDeadlineNs = endpoint.DefaultDeadlineNs,
            };
            endpoint.LastServerName.CopyTo(new Span<byte>(row.Name, ProcessSpec.MaxNameBytes));
            rows.Add(row);
        }
        cursor = 0;
    }

    private static void WriteVaults(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < (ulong)kernel.Config.Vaults; index++)
        {
            Memory.Vaults.Vault vault = kernel.Vaults[(int)index];
            if (!vault.IsUsed || vault.IsDying) continue;
            cursor = index;
            if (!rows.HasRoom(sizeof(VaultRow))) return;
            var row = new VaultRow
            {
                Index = (uint)index,
                Owner = vault.Owner?.Id.Value ?? 0,
                LastOwner = vault.LastOwner.Value,
                IsProbed = (byte)(vault.IsProbed ? 1 : 0),
                LengthBytes = vault.LengthBytes,
            };
            vault.LastOwnerName.CopyTo(new Span<byte>(row.Name, ProcessSpec.MaxNameBytes));
            rows.Add(row);
        }
        cursor = 0;
    }

    /// <summary>Rows that were overwritten since the cursor was made are left out.</summary>
    private static void WriteTrace(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        ulong number = Math.Max(cursor, kernel.Trace.First);
        for (; number < kernel.Trace.End; number++)
        {
            cursor = number;
            if (!rows.HasRoom(sizeof(TraceRow))) return;
            rows.Add(kernel.Trace[number]);
        }
        cursor = 0;
    }

    private static void WriteStretches(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        for (ulong index = cursor; index < StretchTable.Capacity; index++)
        {
            ref readonly StretchRow row = ref kernel.Stretches[(int)index];
            if (row.Count == 0) continue;
            cursor = index;
            if (!rows.HasRoom(sizeof(StretchRow))) return;
            rows.Add(row);
        }
        cursor = 0;
    }

    private static void WriteCommandLine(Kernel kernel, ref ulong cursor, ref Rows rows)
    {
        ReadOnlySpan<byte> text = kernel.Boot.CommandLine;
        text = cursor < (ulong)text.Length ? text[(int)cursor..] : default;
        int count = 0;
        while (count < text.Length && rows.HasRoom(count + 1)) count++;
        rows.AddBytes(text[..count]);
        cursor = count < text.Length ? cursor + (ulong)count : 0;
    }
}
