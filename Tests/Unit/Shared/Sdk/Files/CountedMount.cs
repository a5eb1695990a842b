// A memfs behind a Vfs with words for its mounts, and a program that uses both: what has been asked
// of the memfs is counted.

using System;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk.Files;

internal sealed class CountedMount
{
    private const ushort OpenOperation = 2, ReadOperation = 16, WatchOperation = 23;

    private readonly CountedServer _server;
    private readonly LoopbackServer _vfs;
    private readonly int _handlesAtStart;

    public CountedMount()
    {
        _server = new CountedServer(new MemFsServer(
            MemFsOptions.Default, () => 1, MemVault.OnHeap(MemFsOptions.Default, nowNs: 1)));
        Host = Machine.Serve("memfs", _server);
        TwoMountVfs vfs = new();
        _vfs = Machine.Serve("vfs", vfs);
        vfs.Root = vfs.Mount = Host.Connect(_vfs.Kernel, OpenObjects.RootBadge);
        vfs.Page = _vfs.Kernel.MemoryCreate(Limits.PageBytes).Value;
        Words = MountWords.Map(_vfs.Kernel, vfs.Page, Rights.Read | Rights.Write)!;
        Words.Publish(vfs.Number);
        Words.NoteServer();
        Client = Machine.CreateTask("client");
        Files = new FileApi(Client, _vfs.Connect(Client));
        Files.Stat("/");
        _handlesAtStart = Machine.CountCapabilities(Client);
    }

    public LoopbackMachine Machine { get; } = new();
    public LoopbackServer Host { get; }
    public LoopbackKernel Client { get; }
    public MountWords Words { get; }
    public FileApi Files { get; }

    public int Opens => _server.Calls[OpenOperation];
    public int Reads => _server.Calls[ReadOperation];
    public int Watches => _server.Calls[WatchOperation];

    /// <summary>Answers Watch instead of the server, if there is one.</summary>
    public Action<Request>? Watched { set => _server.Watched = value; }

    /// <summary>Capabilities that the program has more than at the start.</summary>
    public int Live => Machine.CountCapabilities(Client) - _handlesAtStart;

    /// <summary>For another program; whoever asks disposes it.</summary>
    public FileApi NewClient()
    {
        LoopbackKernel client = Machine.CreateTask("other");
        return new FileApi(client, _vfs.Connect(client));
    }

    /// <summary>Says what has been asked of it.</summary>
    private sealed class CountedServer(IServer server) : IServer
    {
        public readonly int[] Calls = new int[32];

        public Action<Request>? Watched { get; set; }

        public ulong NextDeadlineNs => server.NextDeadlineNs;

        public void Handle(Request request)
        {
            Calls[request.Operation]++;
            if (request.Operation == WatchOperation && Watched is { } answer) answer(request);
            else server.Handle(request);
        }

        public void Closed(Badge badge) => server.Closed(badge);

        public void Notified(ulong bits) => server.Notified(bits);

        public void DeadlineReached() => server.DeadlineReached();

        public void Commit() => server.Commit();
    }
}
