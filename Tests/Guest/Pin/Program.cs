// A client that does to a mount what cannot be undone on Linux: `pin CASE DIRECTORY`.
//
// Rules: it says "ready" on its standard output when the case is set up, or else why not; then it
// stays as the case wants. The shell's `pin` starts it, and does what it cannot do to itself. The
// case `poison` is of another kind: PoisonCase.cs.

using Shared.Sdk;
using Tests.Guest.Pin;

return TaskMain.Run(static context =>
{
    if (context.Arguments.Count != 2) return 2;
    if (context.Arguments[0] == "poison")
        return new PoisonCase(context, context.Arguments[1]).Run();
    return new PinCase(context, context.Arguments[1]).Run(context.Arguments[0]);
});
