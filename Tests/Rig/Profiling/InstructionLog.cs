// Counts the instructions that QEMU logs, by address space and address.
//
// QEMU runs with -singlestep and logs `exec,nochain,mmu` into a pipe: "Trace ... [cs/pc/...]" for
// each instruction, and "CR3 update: CR3=..." for each switch of the address space.

using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace Tests.Rig.Profiling;

public sealed class InstructionLog(string pipe, ProfileWindow window)
{
    private const int BufferBytes = 1 << 20;
    private readonly Dictionary<ulong, Dictionary<ulong, long>> _counts = [];
    private Dictionary<ulong, long> _current = [];
    private Thread? _reader;

    /// <summary>Address space (CR3), then address, then how often.</summary>
    public IReadOnlyDictionary<ulong, Dictionary<ulong, long>> Counts => _counts;

    /// <summary>Reads until the writer closes the pipe.</summary>
    public void Start()
    {
        _counts[0] = _current;
        _reader = new Thread(Read) { IsBackground = true, Name = "instruction log" };
        _reader.Start();
    }

    public void WaitForEnd(TimeSpan timeout)
    {
        if (_reader?.Join(timeout) != true) throw new RigException("the log of QEMU does not end");
    }

    private void Read()
    {
        using FileStream stream = new(pipe, FileMode.Open, FileAccess.Read);
        byte[] buffer = new byte[BufferBytes];
        int kept = 0;
        while (stream.Read(buffer, kept, buffer.Length - kept) is var read and > 0)
        {
            Span<byte> bytes = buffer.AsSpan(0, kept + read);
            while (bytes.IndexOf((byte)'\n') is var end and >= 0)
            {
                Take(bytes[..end]);
                bytes = bytes[(end + 1)..];
            }
            bytes.CopyTo(buffer);
            kept = bytes.Length;
        }
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("Trace "u8))
        {
            int slash = line.IndexOf((byte)'/');
            if (slash < 0 || !Utf8Parser.TryParse(
                line[(slash + 1)..], out ulong address, out _, 'x')) return;
            window.Note(address);
            if (!window.IsOpen) return;
            _current.TryGetValue(address, out long count);
            _current[address] = count + 1;
        }
        else if (line.StartsWith("CR3 update: CR3="u8))
        {
            if (!Utf8Parser.TryParse(line[16..], out ulong space, out _, 'x')) return;
            if (_counts.TryGetValue(space, out Dictionary<ulong, long>? known)) _current = known;
            else _counts[space] = _current = [];
        }
    }
}
