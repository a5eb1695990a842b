// Plays cells of the mount contract with real processes: `run contract PARTY CONDITION ONDEATH`.
// Prints a line for each; the boot tests compare it with Servers/Supervisor/Mounts/Contract.
//
// Rules: one image in three roles. The conductor starts the other two; it and the client tell each
// other by pipes how far they are, whose server is never in trouble, and the client says by its
// exit code what it has seen.

using Shared.Sdk;
using Tests.Guest.Contract;

return TaskMain.Run(static context => context.Arguments switch
{
    ["client", var mode, var party] => new ClientRole(context, party).Run(mode),
    ["bystander"] => ClientRole.Bystand(context),
    [var party, var condition, var onDeath] =>
        new Conductor(context, party, condition, onDeath).Run(),
    _ => 2,
});
