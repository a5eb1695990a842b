// The first stack of a process, as the System V ABI for x86-64 lays it out (section 3.4.1):
// argument count, arguments, environment, auxiliary vector; strings above.
//
// The strings come from the maker's memory in one block and go to the child's in one copy. The
// kernel adds the environment that keeps the runtime's heap within the process's quota, and libc
// from filling and copying memory with string instructions.

using System;
using System.Buffers.Text;
using CosmosKernel.Memory;
using Shared.Abi;

namespace CosmosKernel.Processes;

public static class StartBlock
{
    private const int MaxStrings = 1024;
    private const int ExtraBytes = 256;
    private const ulong RandomBytes = 16;

    /// <summary>
    /// Writes the stack. BadArgument: the block does not end a string, or has fewer than the
    /// arguments it claims; BadSource: it is not the maker's memory; NoMemory: quota of the child.
    /// </summary>
    public static Status TryWrite(
        Kernel kernel, Process maker, ulong block, uint blockBytes, uint argumentCount,
        Process child, out ulong stackPointer, out bool isBadSource)
    {
        stackPointer = 0;
        isBadSource = false;
        if (blockBytes > Limits.StartBlockBytes) return Status.TooLarge;
        ulong strings = (Snapshot.StackTopOf(child) - 64 - blockBytes) & ~15UL;
        CopyResult copied =
            kernel.UserMemory.Copy(maker, block, child, strings, blockBytes);
        isBadSource = copied == CopyResult.BadSource;
        if (copied != CopyResult.Done) return Status.NoMemory;

        Span<byte> extra = stackalloc byte[ExtraBytes];
        // The runtime and libc of a copy have read their template's, and hold to it.
        bool isCopy = child.Template is not null;
        int extraBytes = isCopy ? 0 : FillExtraEnvironment(child, extra);
        ulong extraAddress = strings - ExtraBytes, random = extraAddress - RandomBytes;
        Span<byte> seed = stackalloc byte[(int)RandomBytes];
        BitConverter.TryWriteBytes(seed, kernel.Machine.Random());
        BitConverter.TryWriteBytes(seed[8..], kernel.Machine.Random());
        if (!isCopy && (!kernel.UserMemory.TryWrite(child, extraAddress, extra[..extraBytes])
            || !kernel.UserMemory.TryWrite(child, random, seed)))
        {
            return Status.NoMemory;
        }

        Writer writer = new(kernel, child, random - (MaxStrings + 64) * sizeof(ulong));
        writer.Push(argumentCount);
        uint seen = PushStrings(ref writer, strings, blockBytes, argumentCount);
        if (seen < argumentCount || seen > MaxStrings - 8) return Status.BadArgument;
        PushStrings(ref writer, extraAddress, (uint)extraBytes, uint.MaxValue);
        writer.Push(0);
        if (!isCopy) PushAuxiliary(ref writer, child, random);
        stackPointer = writer.First;
        return writer.IsFailed ? Status.NoMemory : Status.Ok;
    }

    /// <summary>
    /// Leaves room beside the heap for image data, stacks and the runtime's own memory: an eighth
    /// and 2 MiB.
    /// </summary>
    private static int FillExtraEnvironment(Process child, Span<byte> extra)
    {
        ulong quota = (ulong)child.MemoryQuotaPages * Limits.PageBytes;
        const ulong Room = 2 * 1024 * 1024, Least = 2 * 1024 * 1024;
        ulong limit = Math.Max(Least, quota - Math.Min(quota, quota / 8 + Room));
        int length = Append(extra, 0, "DOTNET_GCHeapHardLimit="u8, limit);
        length = Append(extra, length, "DOTNET_GCgen0size="u8, Math.Min(limit / 4, 4UL << 20));
        LibcTunables.CopyTo(extra[length..]);
        return length + LibcTunables.Length;
    }

    /// <summary>
    /// libc's memset and memcpy use rep stosb and rep movsb from 2 KiB on, each byte of which is an
    /// instruction to an emulator: clearing a page costs 4,100 of them, and 300 without (decision
    /// 0023). The thresholds are libc's tunables (glibc manual, 41.5).
    /// </summary>
    private static ReadOnlySpan<byte> LibcTunables =>
        "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=0x7fffffff:"u8
        + "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff\0"u8;

    private static int Append(Span<byte> target, int at, ReadOnlySpan<byte> name, ulong value)
    {
        name.CopyTo(target[at..]);
        at += name.Length;
        Utf8Formatter.TryFormat(value, target[at..], out int written, new('X'));
        target[at + written] = 0;
        return at + written + 1;
    }

    /// <summary>Pushes the address of each string; a zero after the arguments.</summary>
    private static uint PushStrings(
        ref Writer writer, ulong address, uint lengthBytes, uint argumentCount)
    {
        Span<byte> part = stackalloc byte[256];
        uint seen = 0;
        bool isStart = true;
        if (argumentCount == 0) writer.Push(0);
        for (uint done = 0; done < lengthBytes; )
        {
            int step = (int)Math.Min((uint)part.Length, lengthBytes - done);
            if (!writer.TryRead(address + done, part[..step])) return uint.MaxValue;
            for (int at = 0; at < step; )
            {
                if (isStart)
                {
                    if (seen >= MaxStrings) return uint.MaxValue;
                    writer.Push(address + done + (ulong)at);
                }

                int length = part[at..step].IndexOf((byte)0);
                isStart = length >= 0;
                if (!isStart) break;
                at += length + 1;
                seen++;
                if (seen == argumentCount) writer.Push(0);
            }

            done += (uint)step;
        }

        return isStart ? seen : uint.MaxValue;
    }

    private static void PushAuxiliary(ref Writer writer, Process child, ulong random)
    {
        writer.Push(3, child.Linux.HeadersAddress);      // AT_PHDR
        writer.Push(4, 56);                              // AT_PHENT
        writer.Push(5, child.Linux.HeaderCount);         // AT_PHNUM
        writer.Push(6, Limits.PageBytes);                // AT_PAGESZ
        writer.Push(9, child.Linux.Entry);               // AT_ENTRY
        writer.Push(11, 0);                              // AT_UID, AT_EUID, AT_GID, AT_EGID
        writer.Push(12, 0);
        writer.Push(13, 0);
        writer.Push(14, 0);
        writer.Push(16, 0);                              // AT_HWCAP: libc asks the processor
        writer.Push(17, 100);                            // AT_CLKTCK
        writer.Push(23, 0);                              // AT_SECURE
        writer.Push(25, random);                         // AT_RANDOM
        writer.Push(0, 0);
    }

    /// <summary>Writes words upwards into the child's stack.</summary>
    private ref struct Writer(Kernel kernel, Process child, ulong first)
    {
        /// <summary>16-byte aligned, as the ABI wants the stack pointer at entry.</summary>
        public readonly ulong First = first & ~15UL;
        private ulong _next = first & ~15UL;
        public bool IsFailed;

        public void Push(ulong word)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BitConverter.TryWriteBytes(bytes, word);
            if (!kernel.UserMemory.TryWrite(child, _next, bytes)) IsFailed = true;
            _next += sizeof(ulong);
        }

        public void Push(ulong type, ulong value)
        {
            Push(type);
            Push(value);
        }

        public readonly bool TryRead(ulong address, Span<byte> target) =>
            kernel.UserMemory.TryRead(child, address, target);
    }
}
