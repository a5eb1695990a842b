// Words of the boot command line that the kernel itself knows; docs/boot.md lists them.

using System;

namespace CosmosKernel.Diagnostics;

public sealed class CommandLine(byte[] text)
{
    /// <summary>
    /// `panic=test`: the kernel fails once it is up, to show what that looks like.
    /// </summary>
    public readonly bool WantsPanic = Has(text, "panic=test"u8);
    /// <summary>`log=serial`: the kernel log goes to the serial line for ever.</summary>
    public readonly bool WantsLogOnSerial = Has(text, "log=serial"u8);
    /// <summary>`first=NAME`: image of the first process in place of the supervisor.</summary>
    public ReadOnlySpan<byte> FirstImage => _firstImage;

    private readonly byte[] _firstImage = ValueOf(text, "first="u8, "supervisor"u8).ToArray();

    private static ReadOnlySpan<byte> ValueOf(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherwise)
    {
        foreach (Range range in text.Split((byte)' '))
            if (text[range].StartsWith(name)) return text[range][name.Length..];
        return otherwise;
    }

    private static bool Has(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        foreach (Range range in text.Split((byte)' '))
            if (text[range].SequenceEqual(word)) return true;
        return false;
    }
}
