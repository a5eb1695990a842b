// The client of the mount: opens a file, makes a call when it may, tries the file when it may.
//
// Its exit code says what it has seen: ten times the end of the call, and the end of the file, as
// numbers of the words in Conductor.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Contract;

internal sealed class ClientRole(TaskContext context)
{
    public const string Path = "/mnt/f";
    public const int Broken = 99;

    private readonly FileApi _files = FileApi.Open(context);

    public static int Bystand(TaskContext context)
    {
        FileApi.Open(context).ReadAll(Path, 64);
        return 0;
    }

    public int Run(string mode)
    {
        Signs signs = new(context.Kernel, _files);
        Result<RemoteFile> file = _files.Open(Path, OpenMode.Read | OpenMode.Write);
        if (!file.IsOk) return Broken;
        signs.Give(Signs.IsOpen);
        if (mode == "zombie") return 0;
        int call = 0;
        if (mode == "incall")
        {
            signs.Await(Signs.MayCall);
            call = CallOf(file.Value.Write("told"u8).Status);
            if (call == Broken) return Broken;
        }
        signs.Await(Signs.MayTry);
        while (true)
        {
            Status status = file.Value.Stat().Status;
            if (status == Status.Ok) return 10 * call + 1;
            if (status == Status.Revoked) return 10 * call + 2;
            if (status != Status.PeerDied) return Broken;
            signs.Pause();
        }
    }

    private static int CallOf(Status status) => status switch
    {
        Status.Ok => 1,
        Status.PeerDied => 2,
        Status.Revoked => 3,
        _ => Broken,
    };
}
