// Names that nobody has yet: the X's of a template, replaced until one is free.

using System;
using System.Runtime.InteropServices;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Exports;

// Safety: the template is the caller's buffer with a NUL at its end, and is changed in place.
internal static unsafe class TemporaryName
{
    private const int RandomChars = 6, MaxTries = 100;

    /// <summary>What the maker answers for the first name that is free.</summary>
    public static long Try(byte* template, int suffixBytes, Func<string, long> make)
    {
        int length = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(template).Length;
        int start = length - suffixBytes - RandomChars;
        if (start < 0) return Answer.Of(Errno.Invalid);
        Span<byte> place = new(template + start, RandomChars);
        ReadOnlySpan<byte> letters = "abcdefghijklmnopqrstuvwxyz0123456789"u8;
        for (int tries = 0; tries < MaxTries; tries++)
        {
            Random.Shared.GetItems(letters, place);
            long answer = make(Current.Text(template));
            if (answer != Answer.Of(Errno.Exists)) return answer;
        }
        return Answer.Of(Errno.Exists);
    }
}
