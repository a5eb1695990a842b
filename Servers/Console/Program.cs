// The terminal's task.

using Servers.Console;
using Servers.Console.Devices;
using Shared.Abi;
using Shared.Sdk;

return TaskMain.Run(static context =>
{
    Handle endpoint = context.Claim("endpoint");
    Handle control = context.Claim("control");
    ConsoleServer server = new(context.Kernel, Hardware.Claim(context));
    server.Start(endpoint, control);
    new ServerLoop(context.Kernel, endpoint, control).Run(server);
    return 0;
});
