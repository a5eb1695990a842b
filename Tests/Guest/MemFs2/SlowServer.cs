// A file server that is well and takes its time for a write: booted as the version memfs8, so that
// a test can do something to a mount while a call is on its way (Tests/Boot/Contract).

using System.Threading;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Guest.MemFs2;

internal sealed class SlowServer(IServer server) : IServer
{
    public const string Image = "memfs8";
    /// <summary>Of IFileSystem.</summary>
    private const ushort Write = 17;
    private const int WriteMs = 300;

    public bool RetiresItself => server.RetiresItself;
    public ulong NextDeadlineNs => server.NextDeadlineNs;

    public void Handle(Request request)
    {
        if (request.Operation == Write) Thread.Sleep(WriteMs);
        server.Handle(request);
    }

    public void Closed(Badge badge) => server.Closed(badge);
    public void Notified(ulong bits) => server.Notified(bits);
    public void DeadlineReached() => server.DeadlineReached();
    public void Commit() => server.Commit();
}
