// Values for arguments: of the kind that the call wants, or such as nobody should pass.
//
// Rules: handles and Reply handles that calls have made are remembered, so that later ones use,
// close and revoke them. Pointers lead into a block that may be overwritten at any time; some of
// them to its last bytes, with nothing behind it.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Guest.Fuzz;

internal sealed unsafe class Arguments
{
    private const int BlockBytes = 64 * 1024, ArenaPages = 64, Known = 64;
    private const ulong PageBytes = Limits.PageBytes;

    private readonly TaskContext _task;
    private readonly byte* _block, _zeros;
    private readonly ulong _arena;
    private readonly ulong[] _handles = new ulong[Known];
    private readonly ulong[] _replies = new ulong[8];
    private readonly ulong[] _nasty;

    public Arguments(TaskContext task)
    {
        _task = task;
        // Safety: never freed; the kernel may write anywhere in it.
        _block = (byte*)NativeMemory.AlignedAlloc(BlockBytes, (nuint)PageBytes);
        _zeros = (byte*)NativeMemory.AllocZeroed((nuint)PageBytes);
        _arena = MapArena();
        IKernel kernel = task.Kernel;
        ulong[] own =
        [
            task.Claim("vfs").Value, task.Find("log").Value, task.Claim("pipes").Value,
            kernel.NotificationCreate().Value.Value, kernel.MemoryCreate(8192).Value.Value,
            kernel.MemoryCreate(1).Value.Value, kernel.VaultCreate(65536).Value.Value,
            kernel.EndpointCreate(OnDeath.Fail, new Layer(5)).Value.Value,
            kernel.EndpointCreate(OnDeath.Hold, new Layer(6)).Value.Value,
            kernel.EndpointCreate(OnDeath.Vanish, new Layer(6)).Value.Value,
            kernel.ThreadSelf().Value.Value,
        ];
        for (int slot = 0; slot < Known; slot++) _handles[slot] = own[slot % own.Length];
        _nasty =
        [
            0, 1, 7, 255, 4095, 65537, uint.MaxValue, 1UL << 32, 1UL << 63, ulong.MaxValue,
            ulong.MaxValue - 7, 0x4000_0000, 0x3FFF_FFF8, 0x40_0000, 0x1_0000_0000,
            0x4000_0000_0000, 0x3FFF_FFFF_FFF8, 0x7FFF_FFFF_FFFF, 0x8000_0000_0000,
            0xFFFF_8000_0000_0000, 0xFFFF_FFFF_FFFF_F000, 0x10_0000_0000, 0xB8000,
            (ulong)_block + 1, (ulong)_block + BlockBytes - 4, _arena + ArenaPages * PageBytes,
            0x8000_0000, 0x8000_0401, 0x1_8000_0000,
        ];
    }

    /// <summary>Reserved and not touched: calls map, protect and free it piece by piece.</summary>
    private ulong MapArena()
    {
        const ulong mmap = 9, readWrite = 3, privateAnonymous = 0x22;
        Registers registers = default;
        registers.Number = mmap;
        registers.A1 = ArenaPages * PageBytes;
        registers.A2 = readWrite;
        registers.A3 = privateAnonymous;
        registers.A4 = ulong.MaxValue;
        _task.Kernel.Invoke(ref registers);
        return registers.Number;
    }

    public ulong Nasty(Random random) => _nasty[random.Next(_nasty.Length)];

    public ulong Make(Random random, char kind) => kind switch
    {
        'h' => _handles[random.Next(Known)],
        'r' => random.Next(4) == 0 ? 0 : _replies[random.Next(_replies.Length)],
        'p' => Pointer(random),
        'l' => (ulong)random.Next(random.Next(4) == 0 ? 1500 : 64),
        'i' => Info(random, mostLeases: 4),
        'j' => random.Next(4) == 0
            ? new MessageInfo(0, flags: MessageFlags.Mint).Value : Info(random, mostLeases: 0),
        'z' => (ulong)_zeros,
        'd' => random.Next(3) == 0 ? _task.NowNs + (ulong)random.Next(200_000) : 1,
        'f' => (ulong)random.Next(16),
        'm' => _arena + (ulong)random.Next(ArenaPages) * PageBytes,
        'n' => (ulong)random.Next(1, 5) * PageBytes,
        'w' => random.Next(2) == 0 ? (ulong)random.Next(1024) : (ulong)random.NextInt64(),
        '1' => 1,
        '8' => 8,
        _ => 0,
    };

    /// <summary>Into the block, 8-byte aligned; what is there is random too.</summary>
    private ulong Pointer(Random random)
    {
        int offset = random.Next(BlockBytes / 16) * 8;
        byte* place = _block + offset;
        if (random.Next(8) == 0) place = _block + BlockBytes - 2048;
        ulong* words = (ulong*)place;
        // As extras of a message: handles, then leases of addresses, lengths and rights.
        for (int slot = 0; slot < 4; slot++) words[slot] = _handles[random.Next(Known)];
        for (int slot = 0; slot < 4; slot++)
        {
            words[4 + slot * 2] = (ulong)_block + (ulong)random.Next(BlockBytes - 4096);
            words[5 + slot * 2] = (uint)random.Next(4096) | (ulong)(uint)random.Next(4) << 32;
        }
        return (ulong)place;
    }

    private static ulong Info(Random random, int mostLeases)
    {
        int capabilities = random.Next(4) == 0 ? random.Next(5) : 0;
        int leases = random.Next(3) == 0 ? random.Next(mostLeases + 1) : 0;
        MessageFlags flags = (MessageFlags)random.Next(8);
        if (leases == 1 && random.Next(2) == 0) flags |= MessageFlags.InlineLease;
        return new MessageInfo((ushort)random.Next(40), capabilities, leases, flags).Value;
    }

    /// <summary>What the call has made is for later ones.</summary>
    public void Remember(Random random, Shape shape, in Registers registers)
    {
        if (shape.Number < (ulong)SystemCall.First) return;
        CallResult result = new(registers.Number);
        if (result.Status != Status.Ok) return;
        switch ((SystemCall)shape.Number)
        {
            case SystemCall.Copy or SystemCall.Mint or SystemCall.EndpointCreate
                or SystemCall.NotificationCreate or SystemCall.ThreadSelf
                or SystemCall.MemoryCreate or SystemCall.VaultCreate:
                _handles[random.Next(Known)] = registers.A0;
                break;
            case SystemCall.Receive or SystemCall.ReplyReceive
                when result.Kind is ReceiveKind.Call or ReceiveKind.ClosedAndCall:
                _replies[random.Next(_replies.Length)] = registers.A0;
                break;
        }
    }
}
