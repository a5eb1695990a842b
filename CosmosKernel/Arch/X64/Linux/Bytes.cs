// Words as the bytes that lie in user memory.

using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Arch.X64.Linux;

public static class Bytes
{
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<ulong> words) => MemoryMarshal.AsBytes(words);

    public static Span<byte> Of(Span<ulong> words) => MemoryMarshal.AsBytes(words);
}
