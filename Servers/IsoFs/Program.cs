// IsoFs: one mount of an ISO 9660 volume on a disk.

using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Disks;

namespace Servers.IsoFs;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        RemoteDisk disk = new(task.Kernel, task.Claim("disk"));
        IsoFsServer server = new(IsoVolume.Open(disk), disk, task.Log);
        new ServerLoop(task.Kernel, endpoint, control)
            .Run(server, task.Find("supervisor"));
        return 0;
    }
}
