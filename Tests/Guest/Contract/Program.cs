// Plays cells of the mount contract with real processes: `run contract CONDITION ONDEATH`. Prints a
// line for each; the boot tests compare it with Servers/Supervisor/Mounts/Contract.
//
// Rules: one image in three roles. The conductor starts the other two; they hear from it by files
// in /tmp, and it from them by their exit codes.

using Shared.Sdk;
using Tests.Guest.Contract;

return TaskMain.Run(static context => context.Arguments switch
{
    ["client", var mode] => new ClientRole(context).Run(mode),
    ["bystander"] => ClientRole.Bystand(context),
    [var condition, var onDeath] => new Conductor(context, condition, onDeath).Run(),
    _ => 2,
});
