// The commands of this folder.

using System.Collections.Generic;

namespace Servers.Shell.Commands.Files;

public static class FileCommands
{
    public static IEnumerable<Command> All() =>
    [
        new CatCommand(), new HeadCommand(), new WcCommand(), new HexDumpCommand(),
        new Sha256SumCommand(),
        new LsCommand(), new StatCommand(), new DfCommand(), new CdCommand(), new PwdCommand(),
        new EchoCommand(), new WriteCommand(), new AppendCommand(), new TouchCommand(),
        new SyncCommand(),
        new CpCommand(), new MvCommand(), new RmCommand(), new RmdirCommand(), new MkdirCommand(),
    ];
}
