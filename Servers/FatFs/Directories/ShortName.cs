// Makes the 8.3 name that goes with a name (FAT p. 30 and 31: basis name and numeric tail).
//
// Rules: a name that is its own 8.3 name in capital letters needs no long one; every other gets a
// long name, and a short one that the directory does not have yet.

using System;
using System.Collections.Generic;
using System.Globalization;
using Shared.Fat;

namespace Servers.FatFs.Directories;

internal readonly record struct ShortName(UInt128 Packed)
{
    private const int BaseLength = 8, ExtensionLength = 3;
    private const int MaxTail = 999_999;
    private const string OtherLetters = "$%'-_@~`!(){}^#&";

    public static ShortName Of(ReadOnlySpan<byte> bytes)
    {
        UInt128 packed = 0;
        foreach (byte code in bytes[..RawEntry.NameBytes]) packed = packed << 8 | code;
        return new ShortName(packed);
    }

    public void CopyTo(Span<byte> bytes)
    {
        UInt128 rest = Packed;
        for (int i = RawEntry.NameBytes - 1; i >= 0; i--, rest >>= 8) bytes[i] = (byte)rest;
    }

    /// <summary>The short name alone says all of the name.</summary>
    public static bool IsEnough(ReadOnlySpan<char> name)
    {
        int dot = name.IndexOf('.');
        ReadOnlySpan<char> first = dot < 0 ? name : name[..dot];
        ReadOnlySpan<char> last = dot < 0 ? default : name[(dot + 1)..];
        if (dot >= 0 && last.IsEmpty) return false;
        return first.Length is > 0 and <= BaseLength && last.Length <= ExtensionLength
            && AreLetters(first) && AreLetters(last);
    }

    /// <summary>A short name that is not among the used ones; null when all are.</summary>
    public static ShortName? For(ReadOnlySpan<char> name, HashSet<ShortName> used)
    {
        bool isLossy = false;
        ReadOnlySpan<char> trimmed = name.TrimStart('.');
        int dot = trimmed.LastIndexOf('.');
        string first = Basis(dot < 0 ? trimmed : trimmed[..dot], BaseLength, ref isLossy);
        string last = dot < 0 ? "" : Basis(trimmed[(dot + 1)..], ExtensionLength, ref isLossy);
        if (trimmed.Length != name.Length || first.Length == 0) isLossy = true;
        if (first.Length == 0) first = "_";
        if (!isLossy && Pack(first, last) is var plain && !used.Contains(plain)) return plain;
        for (int tail = 1; tail <= MaxTail; tail++)
        {
            string mark = "~" + tail.ToString(CultureInfo.InvariantCulture);
            int kept = Math.Min(first.Length, BaseLength - mark.Length);
            ShortName made = Pack(string.Concat(first.AsSpan(0, kept), mark), last);
            if (!used.Contains(made)) return made;
        }
        return null;
    }

    /// <summary>Capital letters that a short name may have; the rest is lost.</summary>
    private static string Basis(ReadOnlySpan<char> part, int length, ref bool isLossy)
    {
        Span<char> basis = stackalloc char[length];
        int count = 0;
        foreach (char letter in part)
        {
            if (letter is ' ' or '.')
            {
                isLossy = true;
                continue;
            }
            if (count == length)
            {
                isLossy = true;
                break;
            }
            char capital = letter < 0x80 ? char.ToUpperInvariant(letter) : letter;
            bool isLetter = IsLetter(capital);
            if (!isLetter) isLossy = true;
            basis[count++] = isLetter ? capital : '_';
        }
        return basis[..count].ToString();
    }

    private static ShortName Pack(ReadOnlySpan<char> first, ReadOnlySpan<char> last)
    {
        Span<byte> bytes = stackalloc byte[RawEntry.NameBytes];
        bytes.Fill((byte)' ');
        for (int i = 0; i < first.Length; i++) bytes[i] = (byte)first[i];
        for (int i = 0; i < last.Length; i++) bytes[BaseLength + i] = (byte)last[i];
        return Of(bytes);
    }

    private static bool AreLetters(ReadOnlySpan<char> part)
    {
        foreach (char letter in part)
        {
            if (!IsLetter(letter)) return false;
        }
        return true;
    }

    private static bool IsLetter(char letter) =>
        char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter)
        || OtherLetters.Contains(letter);
}
