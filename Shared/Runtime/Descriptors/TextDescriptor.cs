// A small file that is made when it is opened, and lies in this process alone.

using System;
using System.Threading;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Descriptors;

public sealed class TextDescriptor(byte[] content) : Descriptor
{
    private readonly Lock _offsetLock = new();
    private ulong _offset;

    public override long Read(Span<byte> target)
    {
        lock (_offsetLock)
        {
            long read = ReadAt(_offset, target);
            _offset += (ulong)read;
            return read;
        }
    }

    public override long ReadAt(ulong offset, Span<byte> target)
    {
        if (offset >= (ulong)content.Length) return 0;
        ReadOnlySpan<byte> rest = content.AsSpan((int)offset);
        int count = Math.Min(rest.Length, target.Length);
        rest[..count].CopyTo(target);
        return count;
    }

    /// <summary>The length is not known beforehand, as in Linux's /proc.</summary>
    public override long Seek(long offset, SeekFrom from) => Answer.Of(Errno.IllegalSeek);

    public override long Describe(out FileDescription description)
    {
        description = new FileDescription { Kind = NodeKind.File };
        return Answer.Ok;
    }
}
