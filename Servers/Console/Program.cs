// The terminal's task.

using Servers.Console;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

return TaskMain.Run(static context =>
{
    Handle endpoint = context.Claim("endpoint");
    Handle control = context.Claim("control");
    Hardware hardware = Hardware.Claim(context);
    ConsoleServer server = TaskVault.Open(
        context, ConsoleVault.VaultBytes,
        memory => new ConsoleServer(context.Kernel, hardware, new ConsoleVault(memory)));
    server.Start(endpoint, control);
    new ServerLoop(context.Kernel, endpoint, control)
        .Run(server, context.Find("supervisor"));
    return 0;
});
