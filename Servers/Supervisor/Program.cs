// The first process. The kernel gives it machine, log and vault; it starts everything else, or
// adopts what an earlier incarnation has started.

using Servers.Supervisor;
using Servers.Supervisor.Launching;
using Shared.Sdk;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

return TaskMain.Run(static context =>
{
    IVaultMemory memory = NativeVaultMemory.Find(context)
        ?? throw new VaultDamagedException("the kernel has given no vault");
    SupervisorMain.Run(new Origin
    {
        Kernel = context.Kernel,
        Machine = context.Claim("machine"),
        Log = context.Claim("log"),
        Self = context.Claim("self"),
        Memory = memory,
        Vault = context.Claim("vault"),
        Page = context.Claim("page"),
        Image = context.ProgramName,
        MaxTemplates = 12,
    });
    return 0;
});
