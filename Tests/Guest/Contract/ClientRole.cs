// The client of the mount: opens a file, makes a call when it may, tries the file when it may.
//
// It says how its call has ended, and when it was done; its exit code is ten times the end of the
// call and the end of the file, as numbers of the words in Conductor.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Contract;

internal sealed class ClientRole(TaskContext context, string party)
{
    public const string Path = "/mnt/f";
    public const int Broken = 99;

    private readonly FileApi _files = FileApi.Open(context);

    public static int Bystand(TaskContext context)
    {
        FileApi.Open(context).ReadAll(Path, 64);
        return 0;
    }

    public static int Upgrade(TaskContext context, string target, string image)
    {
        new SupervisorClient(context.Kernel, context.Claim("supervisor")).Upgrade(target, image);
        return 0;
    }

    /// <summary>Until somebody ends it.</summary>
    public static int Wait(TaskContext context)
    {
        while (true) context.Kernel.ReceiveNotification();
    }

    public int Run(string mode)
    {
        Signs signs = new(context.Kernel, context.Claim("stdin"), context.Claim("stdout"));
        Result<RemoteFile> file = _files.Open(Path, OpenMode.Read | OpenMode.Write);
        if (!file.IsOk) return Broken;
        signs.Give(Signs.IsOpen);
        if (mode == "zombie") return 0;
        int call = 0;
        if (mode == "incall")
        {
            if (!signs.Await(Signs.MayCall)) return Broken;
            call = CallOf(Call(file.Value));
            if (call == Broken) return Broken;
            signs.Give((byte)call);
        }
        if (!signs.Await(Signs.MayTry)) return Broken;
        Status status = file.Value.Stat().Status;
        while (status == Status.PeerDied)
        {
            context.Kernel.Pause();
            status = file.Value.Stat().Status;
        }
        signs.GiveTime(context.Kernel.ClockNow());
        return status switch
        {
            Status.Ok => 10 * call + 1,
            Status.Revoked => 10 * call + 2,
            _ => Broken,
        };
    }

    /// <summary>To whoever is in trouble.</summary>
    private Status Call(RemoteFile file) => party switch
    {
        "FileServer" => file.Write("told"u8).Status,
        // Whoever has asked before has no need of Vfs.
        "Vfs" => FileApi.Open(context).Stat(Path).Status,
        _ => new SupervisorClient(context.Kernel, context.Claim("supervisor"))
            .ListMounts(0, new byte[1024]).Status,
    };

    private static int CallOf(Status status) => status switch
    {
        Status.Ok => 1,
        Status.PeerDied => 2,
        Status.Revoked => 3,
        Status.NotFound => 4,
        _ => Broken,
    };
}
