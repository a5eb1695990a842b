// Attacks through system calls: numbers, handles, pointers, quotas.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Attack;

internal static unsafe class CallCases
{
    private const int FuzzSeeds = 60, FuzzCalls = 400;

    public static IEnumerable<AttackCase> All()
    {
        foreach (ulong number in new ulong[] { 0x100A, 0x106F, 0x10FF, 0x2000, 1UL << 32 | 0x1000,
            ulong.MaxValue, 1UL << 63 })
        {
            yield return new($"number-{number:x}", Ending.Dies, task => Call(task, number));
        }
        yield return new("mint-call", Ending.Dies, task => Mint(
            task, SystemCall.Call, task.Claim("vfs").Value, new(1, flags: MessageFlags.Mint)));
        yield return new("mint-reply-beside", Ending.Dies, task => Mint(
            task, SystemCall.Reply, UnknownReply, new(0, 1, 0, MessageFlags.Mint)));
        yield return new("mint-reply-short", Ending.Dies, task => Mint(
            task, SystemCall.ReplyReceive, UnknownReply,
            new(0, flags: MessageFlags.Mint | MessageFlags.Short)));
        yield return new("mint-reply-to-nobody", Ending.Lives, task => Mint(
            task, SystemCall.Reply, UnknownReply, new(0, flags: MessageFlags.Mint)));
        yield return new("acknowledge-foreign", Ending.Lives, AcknowledgeForeign);
        yield return new("linux-numbers", Ending.Lives, LinuxNumbers);
        yield return new("linux-fs-base", Ending.Lives, FsBase);
        yield return new("handles-foreign", Ending.Lives, ForeignHandles);
        yield return new("handles-stale", Ending.Lives, StaleHandles);
        yield return new("rights", Ending.Lives, Rightless);
        yield return new("flood-memory", Ending.Dies, TouchMemory);
        yield return new("flood-stack", Ending.Dies, _ => Deep(0));
        yield return new("flood-threads", Ending.Either, Threads);
        yield return new("flood-notifications", Ending.Lives, task => Flood(
            task.Kernel.NotificationCreate));
        yield return new("flood-endpoints", Ending.Lives, task => Flood(
            () => task.Kernel.EndpointCreate(OnDeath.Hold, new Layer(5))));
        yield return new("flood-memories", Ending.Lives, task => Flood(
            () => task.Kernel.MemoryCreate(4096)));
        yield return new("flood-vaults", Ending.Lives, task => Flood(
            () => task.Kernel.VaultCreate(4096)));
        yield return new("flood-objects", Ending.Lives, Objects);
        yield return new("flood-mints", Ending.Lives, Mints);
        yield return new("flood-closed", Ending.Lives, ClosedMints);
        yield return new("flood-mappings", Ending.Either, Mappings);
        for (int i = 0; i < FuzzSeeds; i++)
        {
            int seed = i;
            yield return new($"fuzz-{i}", Ending.Either, task => Fuzz(task, seed));
        }
    }

    private static int Call(TaskContext task, ulong number)
    {
        Registers registers = default;
        registers.Number = number;
        task.Kernel.Invoke(ref registers);
        return 1;
    }

    /// <summary>Looks like a Reply handle, and is none of this process.</summary>
    private const ulong UnknownReply = 1UL << 31 | 3;

    /// <summary>0 when the answer is BadHandle.</summary>
    private static int Mint(TaskContext task, SystemCall call, ulong handle, MessageInfo info)
    {
        Registers registers = new(call)
        {
            A0 = handle, A1 = info.Value, A2 = task.Claim("vfs").Value, A9 = 1,
            A10 = (ulong)Rights.All,
        };
        return task.Kernel.Invoke(ref registers).Status == Status.BadHandle ? 0 : 1;
    }

    /// <summary>Who may not receive does not say that a Closed is dealt with.</summary>
    private static int AcknowledgeForeign(TaskContext task)
    {
        Handle vfs = task.Claim("vfs");
        for (ulong badge = 1; badge < 64; badge++)
        {
            Registers registers = new(SystemCall.Receive)
            {
                A0 = vfs.Value, A1 = badge, A2 = 1,
            };
            if (task.Kernel.Invoke(ref registers).Status != Status.NoRight) return (int)badge;
        }
        return 0;
    }

    /// <summary>Bad arguments for every number; most are unknown to the personality.</summary>
    private static int LinuxNumbers(TaskContext task)
    {
        // Those that end, block, or replace the thread are other cases.
        HashSet<ulong> skipped =
            [15, 24, 34, 35, 56, 57, 58, 60, 202, 230, 231, 234, 200, 62, 435, 11, 12, 10, 9, 25,
             13, 14, 131, 158, 218, 273, 28, 270, 271, 7, 281, 247, 61];
        for (ulong number = 0; number < 0x1000; number++)
        {
            if (skipped.Contains(number)) continue;
            Registers registers = default;
            registers.Number = number;
            registers.A0 = registers.A1 = registers.A2 = 0xFFFF_8000_0000_0000;
            registers.A3 = registers.A4 = registers.A5 = ulong.MaxValue;
            task.Kernel.Invoke(ref registers);
        }
        return 0;
    }

    /// <summary>arch_prctl(ARCH_SET_FS) with addresses that would fault in ring 0.</summary>
    private static int FsBase(TaskContext task)
    {
        foreach (ulong address in new[] { 0x8000_0000_0000UL, ulong.MaxValue >> 1, 1UL << 63 })
        {
            Registers registers = default;
            registers.Number = 158;
            registers.A0 = 0x1002;
            registers.A1 = address;
            task.Kernel.Invoke(ref registers);
            if ((long)registers.Number >= 0) return 1;
        }
        return 0;
    }

    private static int ForeignHandles(TaskContext task)
    {
        const int MostOwned = 64;
        int owned = 0;
        for (uint index = 0; index < 70_000; index++)
        {
            for (uint generation = 1; generation < 4; generation++)
            {
                var handle = new Handle(index, generation);
                if (task.Kernel.DescribeHandle(handle).IsOk) owned++;
                else if (task.Kernel.Close(handle) != Status.BadHandle) return 1;
            }
        }
        return owned is > 0 and < MostOwned ? 0 : 2;
    }

    private static int StaleHandles(TaskContext task)
    {
        for (int i = 0; i < 1000; i++)
        {
            Handle handle = task.Kernel.NotificationCreate().Value;
            if (task.Kernel.Close(handle) != Status.Ok) return 1;
            if (task.Kernel.NotificationSignal(handle, 1) != Status.BadHandle) return 2;
            if (task.Kernel.Close(handle) != Status.BadHandle) return 3;
        }
        return 0;
    }

    /// <summary>A program may look and power off; it may not make processes or devices.</summary>
    private static int Rightless(TaskContext task)
    {
        Handle machine = task.Claim("machine");
        if (task.Kernel.ImageOpen(machine, "supervisor").Status != Status.NoRight) return 1;
        if (task.Kernel.IoPortsCreate(machine, 0, 65535).Status != Status.NoRight) return 2;
        if (task.Kernel.InterruptCreate(machine, 1).Status != Status.NoRight) return 3;
        if (task.Kernel.DeviceMemoryCreate(machine, 0, 4096).Status != Status.NoRight) return 4;
        return task.Kernel.ClockNow() == 0 ? 5 : 0;
    }

    private static int TouchMemory(TaskContext task)
    {
        const nuint StepBytes = 1024 * 1024;
        while (true)
        {
            // Safety: what is allocated is touched and never freed.
            byte* step = (byte*)NativeMemory.Alloc(StepBytes);
            if (step is null) return 1;
            for (nuint at = 0; at < StepBytes; at += 4096) step[at] = 1;
        }
    }

    private static int Deep(int depth)
    {
        Span<byte> frame = stackalloc byte[512];
        frame[0] = (byte)depth;
        return Deep(depth + 1) + frame[0];
    }

    private static int Threads(TaskContext task)
    {
        var threads = new List<Thread>();
        try
        {
            for (int i = 0; i < 4096; i++)
            {
                var thread = new Thread(() => Thread.Sleep(Timeout.Infinite), 64 * 1024)
                    { IsBackground = true };
                thread.Start();
                threads.Add(thread);
            }
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return threads.Count > 4 ? 0 : 1;
        }
        return 2;
    }

    private static int Flood(Func<Result<Handle>> make)
    {
        for (int i = 0; i < 200_000; i++)
        {
            Result<Handle> made = make();
            if (made.IsOk) continue;
            return made.Status is Status.QuotaExceeded or Status.NoMemory ? 0 : 1;
        }
        return 2;
    }

    /// <summary>Has all that it may have of everything; a mount needs something of each.</summary>
    private static int Objects(TaskContext task)
    {
        Func<Result<Handle>>[] makers =
        [
            task.Kernel.NotificationCreate, () => task.Kernel.VaultCreate(4096),
            () => task.Kernel.MemoryCreate(4096),
            () => task.Kernel.EndpointCreate(OnDeath.Hold, new Layer(5)),
        ];
        foreach (Func<Result<Handle>> make in makers)
        {
            if (Flood(make) is var refused and not 0) return refused;
        }
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        if (supervisor.Mount("attack", "/tmp/attack", "memfs", "") != Status.Ok) return 3;
        return supervisor.Unmount("/tmp/attack").Status == Status.Ok ? 0 : 4;
    }

    private static int Mints(TaskContext task)
    {
        Handle endpoint = task.Kernel.EndpointCreate(OnDeath.Hold, new Layer(5)).Value;
        ulong badge = 1;
        return Flood(() => task.Kernel.Mint(endpoint, Rights.Call, new Badge(badge++)));
    }

    /// <summary>
    /// Closed again at once, so that no handle quota has them; others must have badges then.
    /// </summary>
    private static int ClosedMints(TaskContext task)
    {
        Handle endpoint = task.Kernel.EndpointCreate(OnDeath.Hold, new Layer(5)).Value;
        ulong badge = 1;
        int refused = Flood(() =>
        {
            Result<Handle> made = task.Kernel.Mint(endpoint, Rights.Call, new Badge(badge++));
            if (made.IsOk) task.Kernel.Close(made.Value);
            return made;
        });
        if (refused != 0) return refused;
        // Each open file is a badge of a server.
        FileApi files = FileApi.Open(task);
        Result<RemoteFile> file = files.Open("/tmp/badges", OpenMode.Write | OpenMode.Create);
        if (!file.IsOk) return 3;
        file.Value.Dispose();
        return files.RemoveFile("/tmp/badges") == Status.Ok ? 0 : 4;
    }

    /// <summary>mmap of single pages, every other one read-only: they never merge.</summary>
    private static int Mappings(TaskContext task)
    {
        for (int i = 0; i < 100_000; i++)
        {
            Registers registers = default;
            registers.Number = 9;
            registers.A1 = 4096;
            registers.A2 = (ulong)(i % 2 == 0 ? 1 : 3);
            registers.A3 = 0x22;
            registers.A4 = ulong.MaxValue;
            task.Kernel.Invoke(ref registers);
            if ((long)registers.Number < 0 && (long)registers.Number > -4096) return 0;
        }
        return 1;
    }

    /// <summary>Calls of all kinds with arguments that are likely to be nearly right.</summary>
    private static int Fuzz(TaskContext task, int seed)
    {
        var random = new Random(seed);
        // Safety: never freed; the kernel may write anywhere in it.
        byte* memory = (byte*)NativeMemory.AlignedAlloc(65536, 4096);
        ulong[] values =
        [
            0, 1, 2, 3, 7, 16, 64, 255, 4096, 65536, uint.MaxValue, ulong.MaxValue, 1UL << 63,
            0x4000_0000, 0x3FFF_FFF8, 0x8000_0000_0000, 0xFFFF_8000_0000_0000, 0x10_0000_0000,
            (ulong)memory, (ulong)memory + 8, (ulong)memory + 65530, (ulong)memory + 1,
            task.Claim("machine").Value, task.Claim("vfs").Value, task.Find("log").Value,
            task.Kernel.NotificationCreate().Value.Value,
            task.Kernel.MemoryCreate(8192).Value.Value,
            task.Kernel.EndpointCreate(OnDeath.Fail, new Layer(5)).Value.Value,
            task.Kernel.EndpointCreate(OnDeath.Hold, new Layer(6)).Value.Value,
            task.Kernel.ThreadSelf().Value.Value,
        ];
        SystemCall[] calls = Enum.GetValues<SystemCall>();
        for (int i = 0; i < FuzzCalls; i++)
        {
            SystemCall call = calls[random.Next(calls.Length)];
            // These end the machine or the thread, as they should.
            if (call is SystemCall.PowerOff or SystemCall.Reboot or SystemCall.ThreadExit) continue;
            Registers registers = new(call)
            {
                A0 = Pick(), A1 = Pick(), A2 = Pick(), A3 = Pick(), A4 = Pick(), A5 = Pick(),
                A6 = Pick(), A7 = Pick(), A8 = Pick(), A9 = Pick(), A10 = Pick(),
            };
            // Waiting for ever would be no attack.
            if (call is SystemCall.Call or SystemCall.Receive) registers.A2 = 1;
            if (call is SystemCall.ReplyReceive) registers.A4 = 1;
            random.NextBytes(new Span<byte>(memory, 256));
            task.Kernel.Invoke(ref registers);
        }
        return 0;

        ulong Pick() => values[random.Next(values.Length)];
    }
}
