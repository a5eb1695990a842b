// The bytes of a record, field by field: numbers as words, text and bytes behind their length.
//
// Rules: read in the order in which it was written. A record that ends too early is damaged; the
// writer has checked the length that the table allows.

using System;
using System.Buffers.Binary;
using System.Text;

namespace Shared.Sdk.Vaults;

public ref struct RecordWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private int _length;

    public readonly ReadOnlySpan<byte> Bytes => _target[.._length];

    public void Number(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_target[_length..], value);
        _length += sizeof(ulong);
    }

    public void Run(scoped ReadOnlySpan<byte> bytes)
    {
        Number((ulong)bytes.Length);
        bytes.CopyTo(_target[_length..]);
        _length += bytes.Length;
    }

    public void Text(string text)
    {
        int length = Encoding.UTF8.GetBytes(text, _target[(_length + sizeof(ulong))..]);
        Number((ulong)length);
        _length += length;
    }
}

public ref struct RecordReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public ulong Number()
    {
        if (_rest.Length < sizeof(ulong)) throw new VaultDamagedException("record too short");
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[sizeof(ulong)..];
        return value;
    }

    public ReadOnlySpan<byte> Run()
    {
        ulong length = Number();
        if (length > (ulong)_rest.Length) throw new VaultDamagedException("record too short");
        ReadOnlySpan<byte> run = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return run;
    }

    public string Text() => Encoding.UTF8.GetString(Run());
}
