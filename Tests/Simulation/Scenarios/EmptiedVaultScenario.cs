// Three supervisors die before they receive, and the kernel empties their vault: the next one finds
// out what runs, and nobody notices.
//
// It can be run again from its start, and everybody may be killed on the way.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Scenarios;

static class EmptiedVaultScenario
{
    public const int EarlyDeaths = 3;
    static readonly byte[] Bytes = Encoding.UTF8.GetBytes("kept");

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        Status status = supervisor.Mount("memory", "/mnt", "memfs", "ondeath=hold,deadline=30");
        Require(status is Status.Ok or Status.AlreadyExists, $"mount: {status}");
        using RemoteFile first = Open(files, "/home/f"), second = Open(files, "/mnt/f");
        Write(first);
        Write(second);
        string mounts = Mounts(supervisor);
        Injection fault = new(ControlBits.CrashThrow, FaultMoment.Early, EarlyDeaths);
        supervisor.Inject("supervisor", fault.Bits);
        Require(Mounts(supervisor) == mounts, $"{Mounts(supervisor)} was {mounts}");
        Check(first);
        Check(second);
        Require(supervisor.Kill("memfs@/mnt") is Status.Ok or Status.Exited, "kill");
        Check(second);
        Check(first);
        Require(supervisor.Kill("vfs") is Status.Ok or Status.Exited, "kill vfs");
        using RemoteFile again = Open(files, "/mnt/f");
        Check(again);
        Require(supervisor.Unmount("/mnt").Status is Status.Ok or Status.NotMounted, "umount");
        Require(!second.Read(new byte[1]).IsOk, "a mount that is gone can be read");
        Require(files.RemoveFile("/home/f") is Status.Ok or Status.NotFound, "rm");
    }

    /// <summary>Without what nobody can know: who has the number, and where it came from.</summary>
    static string Mounts(SupervisorClient supervisor)
    {
        byte[] text = new byte[4096];
        Result<TextPage> page = supervisor.ListMounts(0, text);
        Require(page.IsOk, $"mounts: {page.Status}");
        string lines = Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes);
        return string.Join('\n', lines.Split('\n').Where(static line => line.Length != 0)
            .Select(static line => line[line.IndexOf(" on ", StringComparison.Ordinal)..])
            .Select(static line => line[..line.IndexOf(" by ", StringComparison.Ordinal)]));
    }

    static RemoteFile Open(FileApi files, string path)
    {
        Result<RemoteFile> opened = files.Open(
            path, OpenMode.Create | OpenMode.Read | OpenMode.Write);
        Require(opened.IsOk, $"open {path}: {opened.Status}");
        return opened.Value;
    }

    static void Write(RemoteFile file) => Require(file.Write(Bytes).IsOk, "write");

    static void Check(RemoteFile file)
    {
        byte[] read = new byte[Bytes.Length];
        file.Offset = 0;
        Result<uint> length = file.Read(read);
        Require(length.IsOk && read.SequenceEqual(Bytes), $"read: {length.Status}");
    }

    static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }
}
