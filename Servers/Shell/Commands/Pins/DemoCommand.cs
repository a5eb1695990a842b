// demo: plays the story of a mount that nothing can pin, and checks each of its claims.

using System.Collections.Generic;

namespace Servers.Shell.Commands.Pins;

public sealed class DemoCommand : Command
{
    public override CommandGroup Group => CommandGroup.Pins;
    public override string Name => "demo";
    public override string Usage => "demo mount";
    public override string Summary => "play the story: every pin, umount, kill; checks itself";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        if (arguments[0] != "mount") return context.Fail(arguments[0], "no such demonstration");
        return new MountDemo(context).Run();
    }
}
