// A memfs behind a Vfs with words for its mounts, and a program that uses both: what has been asked
// of the memfs is counted.

using System;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk.Files;

internal sealed class CountedMount
{
    private const ushort OpenOperation = 2, ReadOperation = 16, WriteOperation = 17,
        AppendOperation = 18, WatchOperation = 23, StageOperation = 24, SettleOperation = 25;

    /// <summary>When the machine has booted, since 1970.</summary>
    public const ulong BootedNs = 1_000_000_000_000;

    private readonly int[] _calls = new int[32];
    private readonly MemFsOptions _options;
    private readonly HeapVaultMemory _vault;
    private readonly LoopbackServer _vfs;
    private readonly int _handlesAtStart;

    public CountedMount(ulong quotaBytes = MemFsOptions.DefaultQuotaBytes)
    {
        _options = MemFsOptions.Default with { QuotaBytes = quotaBytes };
        _vault = new HeapVaultMemory(VaultLayout.For(quotaBytes).EndBytes);
        Host = Machine.Serve("memfs", Make);
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

    public int Opens => _calls[OpenOperation];
    public int Reads => _calls[ReadOperation];
    public int Writes => _calls[WriteOperation] + _calls[AppendOperation];
    public int Watches => _calls[WatchOperation];
    public int Stages => _calls[StageOperation];
    public int Settles => _calls[SettleOperation];

    /// <summary>Answers Watch instead of the server, if there is one.</summary>
    public Action<Request>? Watched { get; set; }

    /// <summary>Answers Stage instead of the server, if there is one.</summary>
    public Action<Request>? Staged { get; set; }

    /// <summary>The server dies, and the next one has its vault.</summary>
    public void Restart()
    {
        Host.Kill();
        Words.NoteServer();
        Host.Restart(Make);
    }

    /// <summary>What the vault has, as a server that opens it now sees it.</summary>
    public MemVault OpenVault() => new(_vault, _options);

    private CountedServer Make(TaskContext task)
    {
        MemFsServer server = new(
            _options, () => BootedNs + task.NowNs, new MemVault(_vault, _options));
        server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
        return new CountedServer(this, server);
    }

    /// <summary>Capabilities that the program has more than at the start.</summary>
    public int Live => Machine.CountCapabilities(Client) - _handlesAtStart;

    /// <summary>For another program; whoever asks disposes it.</summary>
    public FileApi NewClient()
    {
        LoopbackKernel client = Machine.CreateTask("other");
        return new FileApi(client, _vfs.Connect(client));
    }

    /// <summary>Says what has been asked of it.</summary>
    private sealed class CountedServer(CountedMount mount, IServer server) : IServer
    {
        public ulong NextDeadlineNs => server.NextDeadlineNs;

        public void Handle(Request request)
        {
            mount._calls[request.Operation]++;
            Action<Request>? answer = request.Operation switch
            {
                WatchOperation => mount.Watched,
                StageOperation => mount.Staged,
                _ => null,
            };
            if (answer is null) server.Handle(request);
            else answer(request);
        }

        public void Closed(Badge badge) => server.Closed(badge);

        public void Notified(ulong bits) => server.Notified(bits);

        public void DeadlineReached() => server.DeadlineReached();

        public void Commit() => server.Commit();
    }
}
