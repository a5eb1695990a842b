// IsoFs: one mount of an ISO 9660 volume on a disk.

using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Disks;

namespace Servers.IsoFs;

internal static class Program
{
    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        RemoteDisk disk = new(task.Kernel, task.Claim("disk"));
        return new IsoFsServer(IsoVolume.Open(disk), disk, task.Log);
    }
}
