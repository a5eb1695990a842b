// A kernel over a ByteMachine, with one or more processes that have memory but run no code.

using System;
using System.Text;
using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

public sealed unsafe class MemoryBench : IDisposable
{
    public const int MemoryBytes = 8 << 20;
    public const ulong ImageFirst = 0x10_0000;
    private const ulong RamFirst = 0x20_0000, ImageSpacing = 16 * Page;
    public const ulong Page = Limits.PageBytes;
    public const ulong Base = AddressMap.UserHighFirst;
    public const Protection ReadWrite = Protection.Read | Protection.Write;

    public readonly ByteMachine Machine;
    public readonly Kernel Kernel;
    /// <summary>Free frames before any process was made.</summary>
    public readonly ulong FreeAtStart;

    /// <param name="image">The bytes of every image of the archive.</param>
    /// <param name="names">Of the images; one that is called hello if there are none.</param>
    public MemoryBench(byte[]? image = null, params string[] names)
    {
        if (names.Length == 0) names = ["hello"];
        Machine = new ByteMachine(MemoryBytes);
        image ??= TestElf.Build();
        BootImage[] images = new BootImage[names.Length];
        for (int number = 0; number < names.Length; number++)
        {
            ulong place = ImageFirst + (ulong)number * ImageSpacing;
            image.CopyTo(new Span<byte>(Machine.PhysicalMemory + place, image.Length));
            images[number] = new BootImage(
                Encoding.ASCII.GetBytes(names[number]), place, (ulong)image.Length);
        }
        BootInfo boot = new([new RamRange(RamFirst, MemoryBytes - RamFirst)], images, []);
        KernelConfig config = new()
        {
            Processes = 8, Threads = 16, Capabilities = 256, Endpoints = 8, Notifications = 8,
            MemoryObjects = 16, Vaults = 8, LogBytes = 4096,
        };
        Kernel = new Kernel(Machine, boot, config, new UserMemory(Machine))
        {
            NowNs = Machine.NowNs,
        };
        FreeAtStart = Kernel.Frames.FreeFrames;
    }

    public void Dispose() => Machine.Dispose();

    /// <summary>A process with page tables and nothing mapped.</summary>
    public Process MakeBareProcess(uint quotaPages = 1024)
    {
        Process process = MakeRecord(quotaPages);
        Assert.That(Kernel.PageTables.TryMakeRoot(process), Is.True);
        return process;
    }

    /// <summary>A process with the boot image loaded, and one thread that is ready.</summary>
    public Process MakeProcess(uint quotaPages = 1024, ushort threads = 8)
    {
        Process process = MakeRecord(quotaPages);
        process.ThreadQuota = threads;
        Assert.That(ProcessLoader.Load(Kernel, process, Kernel.Images[0]), Is.EqualTo(Status.Ok));
        Assert.That(ProcessLoader.Start(Kernel, process, AddressMap.MainStackTop - 4096),
            Is.EqualTo(Status.Ok));
        return process;
    }

    /// <summary>A vault that somebody holds a capability for.</summary>
    public Vault MakeVault(ulong pages)
    {
        Assert.That(Kernel.Vaults.TryMake(pages * Page, out Vault vault), Is.EqualTo(Status.Ok));
        vault.Capabilities = 1;
        return vault;
    }

    /// <summary>A process that owns the vault, with the boot image loaded.</summary>
    public Process MakeVaultOwner(Vault vault, uint quotaPages = 64)
    {
        Process process = MakeRecord(quotaPages);
        Assert.That(Kernel.Vaults.TryGiveTo(vault, process), Is.EqualTo(Status.Ok));
        Kernel.Processes.AttachVault(process, vault.Index);
        Assert.That(ProcessLoader.Load(Kernel, process, Kernel.Images[0]), Is.EqualTo(Status.Ok));
        return process;
    }

    public Process MakeRecord(uint quotaPages)
    {
        Process process = Kernel.Processes.Create(null)!;
        process.MemoryQuotaPages = quotaPages;
        process.HandleQuota = 16;
        return process;
    }

    public Status Map(
        Process process, ulong first, ulong pages, Protection protection = ReadWrite) =>
        Kernel.Mappings.TryMap(process, new Region
        {
            First = first, End = first + pages * Page,
            Kind = RegionKind.Anonymous, Protection = protection,
        });

    public byte ReadByte(Process process, ulong address)
    {
        Span<byte> one = stackalloc byte[1];
        Assert.That(Kernel.UserMemory.TryRead(process, address, one), Is.True, $"{address:x}");
        return one[0];
    }

    public ulong ReadWord(Process process, ulong address)
    {
        Span<byte> word = stackalloc byte[8];
        Assert.That(Kernel.UserMemory.TryRead(process, address, word), Is.True, $"{address:x}");
        return BitConverter.ToUInt64(word);
    }

    public bool TryWriteByte(Process process, ulong address, byte value) =>
        Kernel.UserMemory.TryWrite(process, address, [value]);

    public void WriteWord(Process process, ulong address, ulong value) =>
        Assert.That(Kernel.UserMemory.TryWrite(process, address, BitConverter.GetBytes(value)),
            Is.True);

    /// <summary>The thread makes a call of our own; answers its status.</summary>
    public Status Call(Thread thread, SystemCall number, params ReadOnlySpan<ulong> arguments)
    {
        Linux(thread, (uint)number, arguments);
        return new CallResult(thread.Frame->Rax).Status;
    }

    /// <summary>The thread makes a Linux call; answers what it finds in rax then.</summary>
    public long Linux(Thread thread, uint number, params ReadOnlySpan<ulong> arguments)
    {
        UserFrame* frame = thread.Frame;
        frame->Rax = number;
        frame->A0 = arguments.Length > 0 ? arguments[0] : 0;
        frame->A1 = arguments.Length > 1 ? arguments[1] : 0;
        frame->A2 = arguments.Length > 2 ? arguments[2] : 0;
        frame->A3 = arguments.Length > 3 ? arguments[3] : 0;
        frame->A4 = arguments.Length > 4 ? arguments[4] : 0;
        frame->A5 = arguments.Length > 5 ? arguments[5] : 0;
        int repeats;
        do
        {
            repeats = Machine.Repeats;
            SystemCallTable.Dispatch(Kernel, thread);
        }
        while (Machine.Repeats != repeats);
        return (long)frame->Rax;
    }

    /// <summary>Kills it, and frees all that it had, in small slices.</summary>
    public void End(Process process)
    {
        if (process.IsAlive) ProcessDeath.Kill(Kernel, process, DeathCause.Killed);
        Kernel.Reclaimer.RunAll();
        Kernel.Processes.Collect(process);
    }
}
