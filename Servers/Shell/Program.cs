// The shell: `shell` talks to the console, `shell -c LINE [STATUS]` runs one line and ends.

using Servers.Shell;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Shared.Sdk;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;

return TaskMain.Run(static context =>
{
    GuestServices services = new(context);
    string directory = context.Environment("CWD") ?? "/";
    bool isJob = context.Arguments.Count > 0 && context.Arguments[0] == Jobs.LineOption;
    if (isJob) return new LineJob(context, services, directory).Run();
    ShellVault vault = TaskVault.Open(
        context, ShellVault.VaultBytes, static memory => new ShellVault(memory));
    // An upgrade's proof; the shell before this one is gone when it returns.
    ReadyCall.Send(context.Kernel, context.Find("row"), context.NowNs);
    return new Interactive(context, services, directory, vault).Run();
});
