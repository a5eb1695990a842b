// The operations that would change something.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Faulty;

internal sealed partial class FaultyServer
{
    public Status MakeDirectory(Request request, string path) => Status.ReadOnly;

    public Status RemoveFile(Request request, string path) => Status.ReadOnly;

    public Status RemoveDirectory(Request request, string path) => Status.ReadOnly;

    public Status Rename(Request request, string source, string target) => Status.ReadOnly;

    public Status SetTime(Request request, string path, ulong modifiedNs) => Status.ReadOnly;

    public Result<uint> Write(Request request, ulong offset, ReadLease source) => Status.ReadOnly;

    public Result<ulong> Append(Request request, ReadLease source) => Status.ReadOnly;

    public Status SetLength(Request request, ulong lengthBytes) => Status.ReadOnly;

    public Status Lock(Request request, LockMode mode) => Status.NotSupported;
}
