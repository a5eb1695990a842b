// Text into a span, without allocation: for the kernel log and for what panics before C# can.
//
// What does not fit is cut off.

using System;
using System.Buffers.Text;

namespace CosmosKernel.Diagnostics;

public ref struct TextWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _target[.._length];

    public void Add(ReadOnlySpan<byte> text)
    {
        int count = Math.Min(text.Length, _target.Length - _length);
        text[..count].CopyTo(_target[_length..]);
        _length += count;
    }

    /// <summary>Characters above 0x7E become a question mark.</summary>
    public void Add(string text)
    {
        foreach (char letter in text) Add(letter);
    }

    public void Add(char letter)
    {
        byte shown = letter <= 0x7E ? (byte)letter : (byte)'?';
        if (_length < _target.Length) _target[_length++] = shown;
    }

    public void Add(ulong number)
    {
        if (!Utf8Formatter.TryFormat(number, _target[_length..], out int written)) return;
        _length += written;
    }

    public void AddHex(ulong number)
    {
        if (Utf8Formatter.TryFormat(number, _target[_length..], out int written, new('x')))
            _length += written;
    }

    /// <summary>Seconds with six digits after the point.</summary>
    public void AddTime(ulong timeNs)
    {
        Add(timeNs / 1_000_000_000);
        Add('.');
        if (Utf8Formatter.TryFormat(
            timeNs / 1000 % 1_000_000, _target[_length..], out int written, new('D', 6)))
        {
            _length += written;
        }
    }
}
