// Installs the Debian packages that building and booting need, where they are missing.
//
// Rules: asks for files, not for packages, so that it is quiet and fast when all is there.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Tests.Rig.Machine;

namespace Tests.Rig;

/// <summary>A package, and a file that is there when it is installed: a path, or a program.
/// </summary>
public sealed record Need(string Package, string File);

public sealed class ToolSetup(Progress progress, IReadOnlyList<Need> needs)
{
    /// <summary>What building, booting and testing need.</summary>
    public static readonly IReadOnlyList<Need> Needs =
    [
        new("qemu-system-x86", "qemu-system-x86_64"),
        new("gcc", "gcc"),
        new("binutils", "ld"),
        new("binutils", "objcopy"),
        new("binutils", "nm"),
        new("libc6-dev", "/usr/include/stdio.h"),
        new("dosfstools", "/usr/sbin/mkfs.fat"),
        new("dosfstools", "/usr/sbin/fsck.fat"),
        new("mtools", "mcopy"),
        new("grub-common", "grub-mkrescue"),
        new("grub-pc-bin", "/usr/lib/grub/i386-pc/multiboot.mod"),
        new("grub-efi-amd64-bin", "/usr/lib/grub/x86_64-efi/multiboot.mod"),
        new("xorriso", "xorriso"),
        new("ovmf", QemuOptions.UefiFirmware),
        new("bochs", "bochs-bin"),
        new("bochs-term", "/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so"),
        new("bochsbios", BochsOptions.Firmware),
        new("vgabios", "/usr/share/vgabios/vgabios.bin"),
        new("fdisk", "/usr/sbin/sfdisk"),
    ];

    public ToolSetup(Progress progress) : this(progress, Needs) { }

    private IReadOnlyList<string> MissingPackages() =>
        [.. needs.Where(need => !IsPresent(need.File)).Select(need => need.Package).Distinct()];

    public async Task Run()
    {
        IReadOnlyList<string> missing = MissingPackages();
        if (missing.Count == 0) return;
        if (!IsPresent("apt-get"))
        {
            throw new RigException($"install these by hand (no apt-get here): {Join(missing)}");
        }
        await progress.Step($"installing {Join(missing)}", async () =>
        {
            string[] install = ["apt-get", "install", "-y", "--no-install-recommends", .. missing];
            ToolResult first = await AsRoot(install);
            if (first.ExitCode == 0) return;
            // A fresh machine has no package lists yet, an old one has stale ones.
            await AsRoot("apt-get", "update");
            ToolResult second = await AsRoot(install);
            if (second.ExitCode != 0) Console.Error.WriteLine(second.Output.TrimEnd());
        });
        if (MissingPackages() is { Count: > 0 } still)
        {
            throw new RigException($"could not install {Join(still)}");
        }
    }

    public static Task<ToolResult> AsRoot(params string[] command)
    {
        string[] line = ["env", "DEBIAN_FRONTEND=noninteractive", .. command];
        return Environment.IsPrivilegedProcess
            ? Tool.Run(line[0], line[1..])
            : Tool.Run("sudo", line);
    }

    private static string Join(IEnumerable<string> packages) => string.Join(' ', packages);

    private static bool IsPresent(string file)
    {
        if (file.StartsWith('/')) return File.Exists(file);
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, file)));
    }
}
