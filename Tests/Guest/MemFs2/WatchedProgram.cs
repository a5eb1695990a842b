// MemFs with a watch between its loop and the server, or, by another name, with a delay.

using Servers.MemFs;
using Shared.Sdk;

namespace Tests.Guest.MemFs2;

internal static class WatchedProgram
{
    private static int Main() => TaskMain.Serve(static (task, endpoint) =>
    {
        IServer server = Program.Make(task, endpoint);
        return task.ProgramName == SlowServer.Image
            ? new SlowServer(server) : new PauseWatch(server, task);
    });
}
