// Strings one after the other, as a process gets its arguments and its environment: UTF-8, each
// with a NUL behind it.
//
// Used again and again, so that the start of a process leaves no garbage of it.

using System;
using System.Buffers.Text;
using System.Text;
using Shared.Sdk.Calls;

namespace Shared.Sdk.Tasks;

public sealed class StringBlock
{
    private const int MaxHexChars = 16;

    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Add(string text)
    {
        Append(text);
        End();
    }

    /// <summary>A variable with a number: `PREFIXNAME=hex`.</summary>
    public void Add(string prefix, string name, ulong value)
    {
        Append(prefix);
        Append(name);
        MakeRoom(1 + MaxHexChars);
        _bytes[_length++] = (byte)'=';
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(_length), out int written, 'x');
        _length += written;
        End();
    }

    private void Append(string text)
    {
        MakeRoom(Encoding.UTF8.GetMaxByteCount(text.Length));
        Span<byte> rest = _bytes.AsSpan(_length);
        _length += ShortText.TryNarrow(text, rest)
            ? text.Length : Encoding.UTF8.GetBytes(text, rest);
    }

    private void End()
    {
        MakeRoom(1);
        _bytes[_length++] = 0;
    }

    private void MakeRoom(int bytes)
    {
        if (_bytes.Length - _length >= bytes) return;
        Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes));
    }
}
