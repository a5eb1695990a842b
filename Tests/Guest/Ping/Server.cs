// The called side: answers at once, and has started the caller.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;
using AbiHandle = Shared.Abi.Handle;

namespace Tests.Guest.Ping;

internal sealed class Server(TaskContext task) : IServer, IVfsHandler
{
    private const int CallerMemoryPages = 4096;
    private const ushort CallerHandles = 12_000, CallerThreads = 8;

    private readonly IKernel _kernel = task.Kernel;
    private ulong _version;

    public ulong NextDeadlineNs => 0;

    public int Run()
    {
        AbiHandle endpoint = _kernel.EndpointCreate(OnDeath.Hold, Layer.Supervisor).Value;
        StartCaller(endpoint);
        new ServerLoop(_kernel, endpoint, default).Run(this);
        return 0;
    }

    public void Handle(Request request) => VfsDispatcher.Dispatch(this, request);

    public Result<ulong> Version(Request request) => ++_version;

    public Result<Resolved> Resolve(Request request, string path) => Status.NotFound;

    public Result<ListedTargets> List(Request request, WriteLease targets) => Status.NotFound;

    public void Closed(Badge badge) { }

    public void Notified(ulong bits) { }

    public void DeadlineReached() { }

    private void StartCaller(AbiHandle endpoint)
    {
        AbiHandle machine = task.Claim("machine");
        ProcessSpec spec = new()
        {
            Image = _kernel.ImageOpen(machine, "ping").Value.Value,
            MemoryQuotaPages = CallerMemoryPages,
            HandleQuota = CallerHandles,
            ThreadQuota = CallerThreads,
            LayerValue = Layer.Shell.Value,
        };
        FixedFields.SetName(ref spec, "caller");
        AbiHandle process = _kernel.ProcessCreate(machine, spec).Value.Process;
        string[] environment =
        [
            Give(process, "peer", endpoint, Rights.Use | Rights.Mint),
            Give(
                process, "machine", machine, Rights.PowerOff | Rights.Inspect | Rights.Create),
            Give(process, "log", task.Claim("log"), Rights.Write),
        ];
        Status status = _kernel.ProcessStart(process, ["ping"], environment);
        if (status != Status.Ok) throw new InvalidOperationException($"start: {status}");
    }

    private string Give(AbiHandle process, string name, AbiHandle handle, Rights rights) =>
        $"CAP_{name}={_kernel.ProcessGive(process, handle, rights).Value.Value:x}";
}
