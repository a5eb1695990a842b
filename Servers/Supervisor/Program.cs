// The first process. The kernel gives it machine, log and vault; it starts everything else.

using System;
using Servers.Supervisor;
using Servers.Supervisor.Launching;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

return TaskMain.Run(static context =>
{
    Result<Handle> endpoint = context.Kernel.EndpointCreate(OnDeath.Hold, Layer.Supervisor);
    if (!endpoint.IsOk) throw new InvalidOperationException($"endpoint: {endpoint.Status}");
    Parts parts = new(
        context.Kernel, context.Claim("machine"), context.Claim("log"), endpoint.Value);
    // Bound here, not by the loop: its fault bits are for tasks that somebody may crash.
    Status status = context.Kernel.NotificationBind(parts.Authority.Deaths);
    if (status != Status.Ok) throw new InvalidOperationException($"bind: {status}");
    Boot.Run(parts);
    new ServerLoop(context.Kernel, endpoint.Value, Handle.None).Run(new SupervisorServer(parts));
    return 0;
});
