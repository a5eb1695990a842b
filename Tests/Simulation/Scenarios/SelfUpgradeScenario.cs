// The supervisor is upgraded to another version, then to one that spoils its vault and dies, then
// back, between a mount and its end, while everybody is being killed.
//
// Rules: `servers` shows the version that the answer has said; the mount is there until its umount.
// It can be run again from its start.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Scenarios;

static class SelfUpgradeScenario
{
    const string Name = "supervisor", Target = "/mnt";

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim(Name));
        using FileApi files = FileApi.Open(context);
        Status status = supervisor.Mount("none", Target, "memfs", "");
        Require(status is Status.Ok or Status.AlreadyExists, $"mount: {status}");
        Require(files.WriteAll("/home/f", "kept"u8) == Status.Ok, "write");
        string version = Upgrade(supervisor, "supervisor2", ImageOf(supervisor));
        Require(supervisor.Upgrade(Name, "supervisor3") == Status.Refused, "no good");
        Require(ImageOf(supervisor) == version, "stays");
        Upgrade(supervisor, Name, version);
        Require(supervisor.Unmount(Target).Status is Status.Ok, "umount");
        Result<byte[]> bytes = files.ReadAll("/home/f", 64);
        Require(bytes.IsOk && bytes.Value.SequenceEqual("kept"u8.ToArray()), "read");
    }

    /// <summary>What runs afterwards. Refused: the new version was killed on its trial.</summary>
    static string Upgrade(SupervisorClient supervisor, string image, string before)
    {
        Status status = supervisor.Upgrade(Name, image);
        Require(status is Status.Ok or Status.Refused, $"{image}: {status}");
        string expected = status == Status.Ok ? image : before, now = ImageOf(supervisor);
        Require(now == expected, $"{image}: {status}, but {now} runs");
        return now;
    }

    static string ImageOf(SupervisorClient supervisor)
    {
        byte[] text = new byte[8192];
        Result<TextPage> page = supervisor.ListServers(0, text);
        Require(page.IsOk, $"servers: {page.Status}");
        string lines = Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes);
        string row = lines.Split('\n').Single(
            line => line.StartsWith(Name + " ", StringComparison.Ordinal));
        return row.Trim().Split(' ')[^1];
    }

    static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }
}
