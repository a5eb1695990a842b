// The terminal's task.

using Servers.Console;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

return TaskMain.Serve(static (context, endpoint) =>
{
    Hardware hardware = Hardware.Claim(context);
    ConsoleServer server = TaskVault.Open(
        context, ConsoleVault.VaultBytes,
        memory => new ConsoleServer(context.Kernel, hardware, new ConsoleVault(memory)));
    server.Start(endpoint, context.Claim("control"));
    return server;
});
