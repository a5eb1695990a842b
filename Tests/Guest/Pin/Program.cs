// A client that does to a mount what cannot be undone on Linux: `pin CASE DIRECTORY`.
//
// Rules: it says "ready" on its standard output when the case is set up, or else why not; then it
// stays as the case wants. The shell's `pin` starts it, and does what a process cannot do to itself.

using Shared.Sdk;
using Tests.Guest.Pin;

return TaskMain.Run(static context =>
{
    int first = context.Arguments.Count > 0 && context.Arguments[0] == "--unreaped" ? 1 : 0;
    if (context.Arguments.Count - first != 2) return 2;
    return new PinCase(context, context.Arguments[first + 1]).Run(context.Arguments[first]);
});
