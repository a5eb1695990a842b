// Short texts in ASCII, which most paths are: to bytes and back in a few steps of 8 characters.
//
// The runtime's encoders are made for long texts, and take 300 instructions before the first
// character. False decides nothing: they do what is refused here.

using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Shared.Sdk.Calls;

public static class ShortText
{
    /// <summary>A longer text is the business of the runtime's encoders.</summary>
    private const int MostChars = 64;
    private const int Step = 8;
    private const ulong HighBits = 0x8080_8080_8080_8080;

    /// <summary>
    /// Writes the text's length of bytes. False: it is long, has other characters or no room; the
    /// target holds anything then.
    /// </summary>
    public static bool TryNarrow(ReadOnlySpan<char> text, Span<byte> target)
    {
        if (text.Length > MostChars || text.Length > target.Length) return false;
        ReadOnlySpan<ushort> units = MemoryMarshal.Cast<char, ushort>(text);
        int done = 0;
        Vector128<ushort> seen = default;
        for (; done + Step <= units.Length; done += Step)
        {
            Vector128<ushort> eight = Vector128.Create(units.Slice(done, Step));
            seen |= eight;
            Vector64<byte> bytes = Vector128.Narrow(eight, eight).GetLower();
            MemoryMarshal.Write(target[done..], bytes.AsUInt64().ToScalar());
        }
        uint rest = 0;
        for (; done < units.Length; done++)
        {
            rest |= units[done];
            target[done] = (byte)units[done];
        }
        return rest < 0x80 && (seen & Vector128.Create((ushort)0xFF80)) == default;
    }

    /// <summary>The bytes as a text. False: there are many, or others than ASCII.</summary>
    public static bool TryWiden(ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (source.Length > MostChars) return false;
        if (source.IsEmpty) return true;
        int done = 0;
        ulong seen = 0;
        for (; done + Step <= source.Length; done += Step)
            seen |= BinaryPrimitives.ReadUInt64LittleEndian(source[done..]);
        for (; done < source.Length; done++) seen |= source[done];
        if ((seen & HighBits) != 0) return false;
        text = string.Create(
            source.Length, source, static (target, source) => Widen(source, target));
        return true;
    }

    private static void Widen(ReadOnlySpan<byte> source, Span<char> target)
    {
        Span<ushort> units = MemoryMarshal.Cast<char, ushort>(target);
        int done = 0;
        for (; done + Step <= source.Length; done += Step)
        {
            ulong eight = BinaryPrimitives.ReadUInt64LittleEndian(source[done..]);
            Vector128.WidenLower(Vector128.CreateScalarUnsafe(eight).AsByte())
                .CopyTo(units.Slice(done, Step));
        }
        for (; done < source.Length; done++) units[done] = source[done];
    }
}
