// The commands of this folder.

using System.Collections.Generic;
using Servers.Shell.Commands.Stress;

namespace Servers.Shell.Commands.Tasks;

public static class TaskCommands
{
    public static IEnumerable<Command> All() =>
    [
        new PsCommand(), new ServersCommand(), new CapsCommand(), new WaitsCommand(),
        new AuditCommand(), new TraceCommand(),
        new KillCommand(), new StopCommand(), new ContinueCommand(), new RestartCommand(),
        new UpgradeCommand(),
        new CrashCommand(), new HangCommand(), new StressCommand(),
        new RunCommand(), new JobsCommand(), new WaitCommand(),
        new LogCommand(), new UptimeCommand(), new FreeCommand(), new PowerOffCommand(),
        new RebootCommand(),
        new HelpCommand(), new SleepCommand(), new TrueCommand(), new FalseCommand(),
        new ClearCommand(), new HistoryCommand(), new ExitCommand(),
    ];
}
