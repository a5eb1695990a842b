// A directory that was opened like a file: it can be described and flushed, as on Linux.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Errors;
using Shared.Sdk;

namespace Shared.Runtime.Descriptors;

public sealed class DirectoryDescriptor(IKernel kernel, Handle directory, uint mountId) : Descriptor
{
    private readonly FileSystemClient _client = new(kernel, directory);

    public override long Read(Span<byte> target) => Answer.Of(Errno.IsDirectory);

    public override long ReadAt(ulong offset, Span<byte> target) => Answer.Of(Errno.IsDirectory);

    public override long Describe(out FileDescription description)
    {
        Result<FileStat> stat = _client.Stat("");
        description = FileDescription.Of(stat.Value, mountId);
        return Answer.Of(stat.Status);
    }

    public override long Flush() => Answer.Of(_client.SyncAll());

    public override void Close() => kernel.Close(directory);
}
