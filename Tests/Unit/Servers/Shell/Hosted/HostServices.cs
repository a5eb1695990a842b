// The shell's services on the host: real file servers over the loopback machine, the rest by fakes.

using System;
using System.Collections.Generic;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class HostServices : IServices, IVfs
{
    private readonly LoopbackMachine _machine = new();
    private readonly List<HostMount> _mounts = [];
    private uint _lastMount;

    public HostServices()
    {
        Task = _machine.CreateTask("shell");
        Jobs = new FakeSupervisor(this);
        Mount("/", "skeleton");
    }

    public LoopbackKernel Task { get; }
    public FakeSupervisor Jobs { get; }
    public FakePipes FakePipes { get; } = new();
    public FakeConsole FakeConsole { get; } = new();
    public IReadOnlyList<HostMount> Mounts => _mounts;
    public int? PoweredOff { get; private set; }
    public ulong SleptNs { get; private set; }

    /// <summary>What Inspect answers, one array of rows for each kind.</summary>
    public Dictionary<InspectKind, byte[]> Tables { get; } = [];

    public IVfs Vfs => this;
    public ISupervisor Supervisor => Jobs;
    public IPipes Pipes => FakePipes;
    public IConsole Console => FakeConsole;
    public Outcome LastOutcome { get; set; } = Outcome.MaybeExecuted;
    public ulong NowNs => _machine.NowNs;

    public int HandleCount => _machine.CountCapabilities(Task);

    public void Mount(string target, string options = "", OnDeath onDeath = OnDeath.Hold)
    {
        LoopbackServer server = _machine.Serve(
            "memfs@" + target, _ => MakeMemFs(MemFsOptions.Parse(options)), onDeath);
        // As the supervisor does it: everything comes from one capability, which can be revoked.
        LoopbackKernel owner = server.Owner;
        Handle source = owner.Mint(server.OwnerEndpoint, Rights.All, new Badge(2)).Value;
        Handle root = owner.Mint(source, Rights.Use, new Badge(1)).Value;
        Handle given = owner.Give(root, Task);
        _mounts.Add(new HostMount(target, ++_lastMount, server, source, given));
    }

    private static MemFsServer MakeMemFs(MemFsOptions options) =>
        new(options, () => 5, MemVault.OnHeap(options, nowNs: 1));

    public bool Unmount(string target)
    {
        HostMount? mount = _mounts.Find(one => one.Target == target);
        if (mount is null) return false;
        mount.Server.Owner.Revoke(mount.Source);
        _mounts.Remove(mount);
        return true;
    }

    public Result<Resolved> Resolve(string path)
    {
        HostMount? best = null;
        foreach (HostMount mount in _mounts)
        {
            bool isWithin = mount.Target == "/" || path == mount.Target
                || path.StartsWith(mount.Target + "/", StringComparison.Ordinal);
            if (isWithin && mount.Target.Length > (best?.Target.Length ?? 0)) best = mount;
        }
        if (best is null) return Status.NotFound;
        Result<Handle> root = Task.Copy(best.Root, Rights.Use);
        if (!root.IsOk) return root.Status;
        int rest = best.Target == "/" ? 1 : Math.Min(path.Length, best.Target.Length + 1);
        return new Resolved(new Capability(root.Value), (uint)rest, best.Id);
    }

    public Result<ulong> Version() => 1ul;

    /// <summary>The shell asks for the mount of each path.</summary>
    public Result<ListedTargets> List(Span<byte> targets) => Status.NotSupported;

    public IFileSystem FileSystem(Handle directoryOrFile)
        => new FileSystemClient(Task, directoryOrFile);

    public IByteStream Stream(Handle stream)
        => stream == FakeConsole.Session ? FakeConsole : FakePipes.Open(stream);

    private readonly System.Collections.Generic.Dictionary<Handle, string> _programs = [];

    /// <summary>What a program's memory holds, as text.</summary>
    public string ProgramOf(Handle memory) => _programs.GetValueOrDefault(memory, "?");

    public Result<Handle> MakeProgram(int lengthBytes, MemoryFiller fill)
    {
        byte[] bytes = new byte[lengthBytes];
        Status status = fill(bytes);
        if (status != Status.Ok) return status;
        Handle handle = new(0x9000UL + (ulong)_programs.Count);
        _programs[handle] = System.Text.Encoding.UTF8.GetString(bytes);
        return handle;
    }

    public IDiskDriver DiskDriver(Handle disks) => new FakeDiskDriver();

    public void Close(Handle handle)
    {
        if (!FakePipes.Close(handle)) Task.Close(handle);
    }

    public Status Sleep(ulong nanoseconds)
    {
        SleptNs += nanoseconds;
        return Status.Ok;
    }

    public Result<InspectPage> Inspect(
        InspectKind kind, uint process, ulong cursor, Span<byte> rows)
    {
        // One row a page, so that paging is tested as well.
        byte[] table = Tables.GetValueOrDefault(kind, []);
        int rowBytes = kind switch
        {
            InspectKind.Processes => 128,
            InspectKind.Waits => 72,
            InspectKind.Trace => 32,
            _ => 48,
        };
        int offset = (int)cursor * rowBytes;
        if (offset >= table.Length) return new InspectPage(0, 0);
        table.AsSpan(offset, rowBytes).CopyTo(rows);
        bool isLast = offset + rowBytes >= table.Length;
        return new InspectPage((uint)rowBytes, isLast ? 0 : cursor + 1);
    }

    /// <summary>What the audit finds, a slice each.</summary>
    public List<AuditReport> Audits { get; } = [default];

    public Result<ulong> Audit(ulong cursor, ref AuditReport report)
    {
        report.Add(Audits[(int)cursor]);
        return (int)cursor + 1 < Audits.Count ? cursor + 1 : 0ul;
    }

    /// <summary>How the trace was switched last.</summary>
    public TraceSwitch Traced { get; private set; }

    public Status SwitchTrace(TraceSwitch wanted)
    {
        Traced = wanted;
        return Status.Ok;
    }

    public Result<LogPage> ReadLog(ulong cursor, Span<byte> text)
    {
        ReadOnlySpan<byte> log = "0.001 kernel: hello\n"u8;
        int length = cursor == 0 ? log.Length : 0;
        log[..length].CopyTo(text);
        return new LogPage((uint)length, 1);
    }

    public Status PowerOff(int code)
    {
        PoweredOff = code;
        return Status.NoRight;
    }

    public Status Reboot() => Status.NoRight;
}

internal sealed record HostMount(
    string Target, uint Id, LoopbackServer Server, Handle Source, Handle Root);
