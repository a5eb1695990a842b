// Pipes in memory, without an end to their room: nothing on the host waits for a reader.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class FakePipes : IPipes
{
    private const uint Generation = 0xF00D;

    private readonly Dictionary<Handle, FakePipe> _ends = [];
    private uint _next = 1;

    public int OpenEnds => _ends.Count;

    public Result<PipeEnds> Create()
    {
        FakePipe pipe = new();
        Handle reader = new(_next++, Generation);
        Handle writer = new(_next++, Generation);
        _ends[reader] = pipe;
        _ends[writer] = pipe;
        return new PipeEnds(new Capability(reader), new Capability(writer));
    }

    public IByteStream Open(Handle handle) => _ends[handle];

    public bool Close(Handle handle) => _ends.Remove(handle);
}

internal sealed class FakePipe : IByteStream
{
    private readonly Queue<byte> _bytes = [];

    public Result<uint> Read(Span<byte> target)
    {
        if (_bytes.Count == 0) return Status.EndOfStream;
        int count = Math.Min(target.Length, _bytes.Count);
        for (int index = 0; index < count; index++) target[index] = _bytes.Dequeue();
        return (uint)count;
    }

    public Status Write(ReadOnlySpan<byte> source)
    {
        foreach (byte value in source) _bytes.Enqueue(value);
        return Status.Ok;
    }
}
