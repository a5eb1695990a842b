// A call between two tasks with nothing in it, in instructions.

using System;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class Calls
{
    public static void Run()
    {
        using QemuMachine machine = QemuMachine.Start(new QemuOptions
        {
            Clock = GuestClock.Instructions, KernelArguments = "first=ping",
        });
        machine.WaitForExit(TimeSpan.FromMinutes(1));
        Console.WriteLine($"{GuestText.Line(machine.Transcript, "null call")} "
            + "(nanoseconds of the guest: instructions)");
    }
}
