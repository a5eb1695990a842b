// Unwinds the host thread of a task that the kernel has killed. Nobody may catch it for good.
//
// What runs meanwhile (finally, catch) has no effect: every door of the dead incarnation throws
// this again.

using System;

namespace Tests.Simulation;

public sealed class SimulatedKill : Exception
{
    public SimulatedKill() : base("this incarnation is dead")
    {
    }
}
