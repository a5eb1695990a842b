// Random system calls without end: `fuzz [--calls N] [--seed S]` starts hostile processes until
// they have made so many, and looks at what the kernel has afterwards.
//
// Rules: a hostile process may die of its calls. `fuzz hostile SEED` is one; `fuzz neighbour` is
// the task that nobody may disturb.

using System.Collections.Generic;
using System.Globalization;
using Shared.Sdk;
using Tests.Guest.Fuzz;

return TaskMain.Run(static task =>
{
    IReadOnlyList<string> arguments = task.Arguments;
    if (arguments is ["hostile", var own])
        return new Hostile(task, int.Parse(own, CultureInfo.InvariantCulture)).Run();
    if (arguments is ["neighbour"]) return new Neighbour(task).Run();
    int calls = 1_000_000, seed = 1;
    for (int at = 0; at + 1 < arguments.Count; at += 2)
    {
        int value = int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
        if (arguments[at] == "--calls") calls = value;
        else if (arguments[at] == "--seed") seed = value;
        else return 2;
    }
    return new Driver(task, calls, seed).Run();
});
