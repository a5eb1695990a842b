// The first process. The kernel gives it machine, log and vault; it starts everything else.

using System;
using Servers.Supervisor;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

return TaskMain.Run(static context =>
{
    Parts parts = new(context.Kernel, context.Claim("machine"), context.Claim("log"));
    // Bound here, not by the loop: its fault bits are for tasks that somebody may crash.
    Status status = context.Kernel.NotificationBind(parts.Authority.Deaths);
    if (status != Status.Ok) throw new InvalidOperationException($"bind: {status}");
    Boot.Run(parts);
    new ServerLoop(context.Kernel, parts.Authority.Endpoint, Handle.None)
        .Run(new SupervisorServer(parts));
    return 0;
});
