// Attacks the kernel: `attack all` plays every case, `attack NAME` is one of them.
//
// Rules: a case is a process of its own and may end as it likes. What counts is that the kernel
// lives, and that nothing is lost.

using System.Collections.Generic;
using System.Linq;
using Shared.Sdk;
using Tests.Guest.Attack;

return TaskMain.Run(static task =>
{
    List<AttackCase> cases = [.. ProcessorCases.All(), .. CallCases.All()];
    string name = task.Arguments.Count == 1 ? task.Arguments[0] : "all";
    if (name == "all") return new Driver(task, cases).Run();
    return cases.First(attack => attack.Name == name).Run(task);
});
