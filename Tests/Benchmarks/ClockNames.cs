// What a person calls the two clocks.

using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class ClockNames
{
    public static string Name(this GuestClock clock) =>
        clock == GuestClock.Instructions ? "instructions" : "wall clock";
}
