// The kernel log: a ring of bytes, one line after the other. Old lines make room for new ones.
//
// A cursor counts all bytes ever written, so a reader knows what it has seen. Lines also go to the
// serial line while no task has it, or always with `log=serial` on the command line.

using System;
using CosmosKernel.Arch;

namespace CosmosKernel.Diagnostics;

public sealed class KernelLog(IMachine machine, int capacityBytes)
{
    private const int MaxLineBytes = 1024 + 96;

    private readonly byte[] _ring = new byte[capacityBytes];
    /// <summary>Cursor after the last byte, and of the oldest line.</summary>
    private ulong _end, _first;

    /// <summary>Off from the moment that a driver owns the serial port.</summary>
    public bool IsOnSerial = true;

    public ulong End => _end;

    /// <summary>One line of the kernel itself.</summary>
    public void Write(string text)
    {
        Span<byte> line = stackalloc byte[MaxLineBytes];
        var writer = new TextWriter(line);
        writer.Add(text);
        Write("kernel"u8, writer.Written);
    }

    /// <summary>Adds time, name and a line end. Control characters become spaces.</summary>
    public void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Span<byte> line = stackalloc byte[MaxLineBytes];
        var writer = new TextWriter(line[..^1]);
        writer.Add("["u8);
        writer.AddTime(machine.NowNs);
        writer.Add("] "u8);
        writer.Add(name);
        writer.Add(": "u8);
        writer.Add(text.TrimEnd((byte)'\n'));
        int length = writer.Written.Length;
        foreach (ref byte letter in line[..length])
            if (letter < 0x20 || letter == 0x7F) letter = (byte)' ';
        line[length++] = (byte)'\n';
        Append(line[..length]);
        if (IsOnSerial) WriteSerial(machine, line[..length]);
    }

    /// <summary>
    /// Copies what follows the cursor, as far as there is room. A cursor that was overwritten, or
    /// never was, reads from the oldest line.
    /// </summary>
    public int Read(ulong cursor, Span<byte> target, out ulong next)
    {
        if (cursor < _first || cursor > _end) cursor = _first;
        int count = (int)Math.Min(_end - cursor, (ulong)target.Length);
        int start = (int)(cursor % (ulong)_ring.Length);
        int head = Math.Min(count, _ring.Length - start);
        _ring.AsSpan(start, head).CopyTo(target);
        _ring.AsSpan(0, count - head).CopyTo(target[head..]);
        next = cursor + (ulong)count;
        return count;
    }

    public static void WriteSerial(IMachine machine, ReadOnlySpan<byte> text)
    {
        foreach (byte letter in text)
        {
            if (letter == (byte)'\n') machine.WriteSerial((byte)'\r');
            machine.WriteSerial(letter);
        }
    }

    private void Append(ReadOnlySpan<byte> line)
    {
        while (_end + (ulong)line.Length - _first > (ulong)_ring.Length) DropLine();
        int start = (int)(_end % (ulong)_ring.Length);
        int head = Math.Min(line.Length, _ring.Length - start);
        line[..head].CopyTo(_ring.AsSpan(start));
        line[head..].CopyTo(_ring);
        _end += (ulong)line.Length;
    }

    private void DropLine()
    {
        while (_ring[(int)(_first++ % (ulong)_ring.Length)] != (byte)'\n')
        {
        }
    }
}
