// Debian's kernel package for virtual machines, downloaded once and unpacked, never installed.
//
// Rules: all of it is below artifacts/peer. What has been downloaded is used again, without a
// question to the network.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Tests.Rig;

namespace Tests.Benchmarks.Peer;

internal static class PeerKernel
{
    /// <summary>Depends on the package of the newest version.</summary>
    private const string Newest = "linux-image-cloud-amd64";
    private const string Pattern = "linux-image-*-cloud-amd64_*.deb";

    private static readonly string Packages = Path.Combine(PeerBuild.Folder, "packages");
    private static readonly string Unpacked = Path.Combine(PeerBuild.Folder, "kernel");

    public static string Image => Only(Path.Combine(Unpacked, "boot"), "vmlinuz-*");

    /// <summary>The module of the file system FUSE; it needs no other one.</summary>
    public static string FuseModule => Only(Path.Combine(Unpacked, "lib"), "fuse.ko");

    public static async Task Prepare(Progress progress)
    {
        Directory.CreateDirectory(Packages);
        if (Directory.GetFiles(Packages, Pattern).Length == 0)
            await progress.Step("downloading a Linux kernel", Download);
        if (Directory.Exists(Unpacked)) return;
        string package = Only(Packages, Pattern);
        string partial = Unpacked + ".partial";
        await Tool.Must("dpkg-deb", "-x", package, partial);
        Directory.Move(partial, Unpacked);
    }

    private static async Task Download()
    {
        if (await TryDownload()) return;
        // A fresh machine has no package lists yet, an old one has stale ones.
        await ToolSetup.AsRoot("apt-get", "update");
        if (!await TryDownload())
            throw new RigException($"could not download {Newest}; bench --no-peer needs none");
    }

    private static async Task<bool> TryDownload()
    {
        ToolResult depends = await Tool.Run("apt-cache", ["depends", Newest]);
        string? package = depends.Output.Split('\n').Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith("Depends: ", StringComparison.Ordinal));
        if (package is null) return false;
        ToolResult download = await Tool.Run("env",
        [
            "-C", Packages, "apt-get", "-o", "APT::Sandbox::User=root", "download",
            package.Split(' ')[1],
        ]);
        return download.ExitCode == 0 && Directory.GetFiles(Packages, Pattern).Length > 0;
    }

    private static string Only(string folder, string pattern) =>
        Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Order().LastOrDefault()
            ?? throw new RigException($"no {pattern} in {Repository.Relative(folder)}");
}
