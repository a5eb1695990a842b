// Makes the memory of a new process from an image, and its first stack.
//
// Load is all or nothing: after a failure the process has no memory. Nothing is copied here: pages
// come on first touch, text and read-only data in place from the boot archive.

using CosmosKernel.Arch;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public static unsafe class ProcessLoader
{
    /// <summary>Largest main stack. Like all else it takes frames as it is touched.</summary>
    public const ulong StackBytes = 1024 * 1024;
    /// <summary>Frames bigger than a page may step over one guard page.</summary>
    public const ulong GuardBytes = 16 * Limits.PageBytes;

    /// <summary>
    /// BadImage, NoMemory, or QuotaExceeded when there are no region records left.
    /// </summary>
    public static Status Load(Kernel kernel, Process process, MemoryObject image)
    {
        if (!ElfImage.TryParse(image, out ElfImage elf))
        {
            return Status.BadImage;
        }

        if (!kernel.PageTables.TryMakeRoot(process)) return Status.NoMemory;
        Status status = MapAll(kernel, process, image, elf);
        if (status == Status.Ok)
        {
            process.ImageIndex = kernel.Images.IndexOf(image);
            process.Linux.BreakFirst = process.Linux.BreakEnd = elf.EndPage;
            process.Linux.Entry = elf.Entry;
            process.Linux.HeadersAddress = elf.HeadersAddress;
            process.Linux.HeaderCount = elf.HeaderCount;
            return Status.Ok;
        }

        Unload(kernel, process);
        return status;
    }

    /// <summary>Undoes Load for a process that never ran: a few frames, so in one go.</summary>
    public static void Unload(Kernel kernel, Process process)
    {
        int steps = int.MaxValue;
        kernel.Mappings.ReclaimSlice(process, ref steps);
    }

    /// <summary>
    /// Its first thread begins at the entry of the image, or where its template has ended.
    /// QuotaExceeded: no thread.
    /// </summary>
    public static Status Start(Kernel kernel, Process process, ulong stackPointer)
    {
        if (process.Template is not null)
        {
            Begin(kernel, process, Snapshot.Prepare(kernel, process, stackPointer));
            return Status.Ok;
        }

        Thread? thread = kernel.Threads.Create(process);
        if (thread is null) return Status.QuotaExceeded;
        // Safety: the frame is the thread's own, zeroed.
        UserFrame* frame = thread.Frame;
        frame->Rip = process.Linux.Entry;
        frame->Rsp = stackPointer;
        frame->Rflags = SignalFrame.FixedFlags;
        frame->Mxcsr = Signals.DefaultMxcsr;
        frame->Cr3 = process.AddressSpace.Root;
        frame->NeedsFullReturn = 1;
        Begin(kernel, process, thread);
        return Status.Ok;
    }

    private static void Begin(Kernel kernel, Process process, Thread thread)
    {
        process.State = ProcessState.Running;
        process.StartedNs = kernel.NowNs;
        if (kernel.IsTracing) kernel.Trace.Started(process);
        kernel.Scheduler.MakeReady(thread);
    }

    private static Status MapAll(
        Kernel kernel, Process process, MemoryObject image, in ElfImage elf)
    {
        for (int i = 0; i < elf.SegmentCount; i++)
        {
            Status status = MapSegment(kernel, process, image, elf.Segments[i]);
            if (status != Status.Ok) return status;
        }

        ulong stackFirst = AddressMap.MainStackTop - StackBytes;
        Status stack = kernel.Mappings.TryMap(process, new Region
        {
            First = stackFirst,
            End = AddressMap.MainStackTop,
            Kind = RegionKind.Anonymous,
            Protection = Protection.Read | Protection.Write,
        });
        if (stack != Status.Ok) return stack;
        Status guard = kernel.Mappings.TryMap(process, new Region
        {
            First = stackFirst - GuardBytes,
            End = stackFirst,
            Kind = RegionKind.Guard,
        });
        if (guard != Status.Ok || process.VaultIndex < 0) return guard;
        return kernel.Mappings.TryMap(process, VaultRegion(kernel.Vaults[process.VaultIndex]));
    }

    public static Region VaultRegion(Vault vault) => new()
    {
        First = AddressMap.VaultFirst,
        End = AddressMap.VaultFirst + vault.LengthBytes,
        Kind = RegionKind.Vault,
        Protection = Protection.Read | Protection.Write,
    };

    private static Status MapSegment(
        Kernel kernel, Process process, MemoryObject image, in ElfSegment segment)
    {
        ulong fileEnd = segment.First + segment.FileBytes;
        ulong zeroFirst = segment.FileBytes == 0 ? segment.FirstPage : ElfImage.PageUp(fileEnd);
        if (segment.FileBytes > 0)
        {
            Status status = kernel.Mappings.TryMap(process, new Region
            {
                First = segment.FirstPage,
                End = zeroFirst,
                Offset = segment.FileOffset - (segment.First - segment.FirstPage),
                FileEnd = fileEnd,
                Object = image,
                Kind = RegionKind.Image,
                Protection = segment.Protection,
            });
            if (status != Status.Ok) return status;
        }

        if (segment.EndPage == zeroFirst) return Status.Ok;
        return kernel.Mappings.TryMap(process, new Region
        {
            First = zeroFirst,
            End = segment.EndPage,
            Kind = RegionKind.Anonymous,
            Protection = segment.Protection,
        });
    }
}
