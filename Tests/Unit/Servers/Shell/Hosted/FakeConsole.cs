// A console whose lines are known beforehand, and whose screen is a string.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class FakeConsole : IConsole, IByteStream
{
    public Handle Session { get; } = new(1, 0xC0);
    public Queue<(Status Status, byte[] Line, LineKind Kind)> Lines { get; } = [];
    public StringBuilder Screen { get; } = new();
    public List<(uint Offset, string Candidates)> Completions { get; } = [];

    public void Type(string line)
        => Lines.Enqueue((Status.Ok, Encoding.UTF8.GetBytes(line), LineKind.Line));

    public void Press(Status status) => Lines.Enqueue((status, [], LineKind.Line));

    public void Tab(string line)
        => Lines.Enqueue((Status.Ok, Encoding.UTF8.GetBytes(line), LineKind.Complete));

    public Result<Capability> OpenSession() => new Capability(Session);

    public Result<LineRead> ReadLine(string prompt, Span<byte> target)
    {
        Screen.Append(prompt);
        if (Lines.Count == 0) return Status.EndOfStream;
        (Status status, byte[] line, LineKind kind) = Lines.Dequeue();
        Screen.Append(Encoding.UTF8.GetString(line)).Append('\n');
        if (status != Status.Ok) return status;
        line.CopyTo(target);
        return new LineRead((uint)line.Length, kind);
    }

    public Status Complete(uint wordOffset, string candidates)
    {
        Completions.Add((wordOffset, candidates));
        return Status.Ok;
    }

    public Status OnInterrupt(Capability notification) => Status.Ok;

    public Result<ConsoleSize> Size() => new ConsoleSize(80, 25);

    public Result<uint> Read(Span<byte> target) => Status.EndOfStream;

    public Status Write(ReadOnlySpan<byte> source)
    {
        Screen.Append(Encoding.UTF8.GetString(source));
        return Status.Ok;
    }
}
