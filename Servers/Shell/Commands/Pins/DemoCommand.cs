// demo: plays a story, and checks each of its claims.

using System.Collections.Generic;

namespace Servers.Shell.Commands.Pins;

public sealed class DemoCommand : Command
{
    public override CommandGroup Group => CommandGroup.Pins;
    public override string Name => "demo";
    public override string Usage => "demo mount|crash|upgrade";
    public override string Summary => "play a story that checks itself: pins, crashes, upgrades";

    public override string Details =>
        """
        mount: every pin in turn, umount works at once all the same; a server is killed.
        crash: servers die in requests in every way; open files go on; poison explained.
        upgrade: a server is replaced under an open file; a broken or older one is refused.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        return arguments[0] switch
        {
            "mount" => new MountDemo(context).Run(),
            "crash" => new CrashDemo(context).Run(),
            "upgrade" => new UpgradeDemo(context).Run(),
            _ => context.Fail(arguments[0], "no such demonstration"),
        };
    }
}
