// The standard streams: ends of pipes, sessions of the console, or nothing.
//
// Rules: the program's session of the console is one for all three, and lives as long as it does.
// Input is no terminal for .NET even when it is one: the console edits and echoes the line itself.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Errors;
using Shared.Sdk;

namespace Shared.Runtime.Descriptors;

/// <summary>What happens when Ctrl-C ends a read; answers whether to read again.</summary>
public delegate bool InterruptRule();

public sealed class InputStream(IByteStream stream, NodeKind kind, InterruptRule interrupted)
    : Descriptor
{
    public override long Read(Span<byte> target)
    {
        if (target.IsEmpty) return 0;
        while (true)
        {
            Result<uint> read = stream.Read(target);
            if (read.Status == Status.EndOfStream) return 0;
            if (read.Status == Status.Interrupted && interrupted()) continue;
            if (!read.IsOk) return Answer.Of(read.Status);
            return Math.Min(read.Value, (uint)target.Length);
        }
    }

    public override long Describe(out FileDescription description)
    {
        description = new FileDescription { Kind = kind };
        return Answer.Ok;
    }
}

public sealed class OutputStream(IByteStream stream, NodeKind kind) : Descriptor
{
    private const int StepBytes = Message.MaxLeaseStepBytes;

    public override bool IsTerminal => kind == NodeKind.Terminal;

    public override long Write(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> step = source[..Math.Min(source.Length, StepBytes)];
        if (step.IsEmpty) return 0;
        Status status = stream.Write(step);
        return status == Status.Ok ? step.Length : Answer.Of(status);
    }

    public override long Describe(out FileDescription description)
    {
        description = new FileDescription { Kind = kind };
        return Answer.Ok;
    }
}

/// <summary>Takes everything and gives nothing: /dev/null.</summary>
public sealed class NullStream : Descriptor
{
    public override long Read(Span<byte> target) => 0;

    public override long Write(ReadOnlySpan<byte> source) => source.Length;

    public override long Describe(out FileDescription description)
    {
        description = new FileDescription { Kind = NodeKind.Null };
        return Answer.Ok;
    }
}
