// Plays cells of the mount contract with real processes: `run contract PARTY CONDITION ONDEATH`,
// those of one action alone if one more word names it.
// Prints a line for each; the boot tests compare it with Servers/Supervisor/Mounts/Contract.
//
// Rules: one image in four roles. Booted under the name of a server's version too, it is one that
// never gets its probe done. The conductor starts the other two; it and the client tell each
// other by pipes how far they are, whose server is never in trouble, and the client says by its
// exit code what it has seen.

using Shared.Sdk;
using Tests.Guest.Contract;

return TaskMain.Run(static context => context.Arguments switch
{
    _ when context.ProgramName != Conductor.Image => ClientRole.Wait(context),
    ["upgrade", var target, var image] => ClientRole.Upgrade(context, target, image),
    ["client", var mode, var party] => new ClientRole(context, party).Run(mode),
    ["bystander"] => ClientRole.Bystand(context),
    [var party, var condition, var onDeath] =>
        new Conductor(context, party, condition, onDeath).Run(Conductor.Actions),
    [var party, var condition, var onDeath, var action] =>
        new Conductor(context, party, condition, onDeath).Run([action]),
    _ => 2,
});
