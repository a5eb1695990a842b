// What a descriptor number stands for. Each operation answers as Errors.Answer says; what a kind
// does not offer has the answer that Linux gives for it.
//
// Rules: used by several threads at once; Close is called once, by the table, when the last number
// for it is gone.

using System;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Descriptors;

public enum SeekFrom { Start = 0, Current = 1, End = 2 }

public abstract class Descriptor
{
    /// <summary>How many numbers stand for this; the table's.</summary>
    internal int Users { get; set; }

    /// <summary>Whether .NET may treat it as a terminal that it writes to.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>Bytes from where the descriptor stands; 0 at the end.</summary>
    public virtual long Read(Span<byte> target) => Answer.Of(Errno.BadDescriptor);

    /// <summary>Bytes written where the descriptor stands.</summary>
    public virtual long Write(ReadOnlySpan<byte> source) => Answer.Of(Errno.BadDescriptor);

    public virtual long ReadAt(ulong offset, Span<byte> target) => Answer.Of(Errno.IllegalSeek);

    public virtual long WriteAt(ulong offset, ReadOnlySpan<byte> source) =>
        Answer.Of(Errno.IllegalSeek);

    /// <summary>The new offset.</summary>
    public virtual long Seek(long offset, SeekFrom from) => Answer.Of(Errno.IllegalSeek);

    public abstract long Describe(out FileDescription description);

    public virtual long SetLength(ulong lengthBytes) => Answer.Of(Errno.Invalid);

    /// <summary>Whether so many bytes will fit; nothing is kept free for them.</summary>
    public virtual long Reserve(ulong endBytes) => Answer.Of(Errno.NotSupported);

    public virtual long Flush() => Answer.Of(Errno.Invalid);

    /// <summary>The bits of flock(2).</summary>
    public virtual long Lock(uint operation) => Answer.Of(Errno.NotSupported);

    /// <summary>Nanoseconds since 1970; 0 means now.</summary>
    public virtual long SetTime(ulong modifiedNs) => Answer.Of(Errno.NotSupported);

    public virtual void Close()
    {
    }
}
