// Builds artifacts/cosmos.elf, the multiboot shim beneath the kernel, from CosmosKernel/Boot.
//
// Rules: every *.S and *.c there is part of it, link.ld says where it lies. It is linked as 64-bit
// code and then wrapped as a 32-bit ELF, because multiboot loaders take no other.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace Tests.Rig;

public sealed class BootShim(Progress progress)
{
    private static readonly string[] CompilerOptions =
    [
        "-O2", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-stack-protector",
        "-mno-red-zone", "-fno-pic", "-fno-pie", "-mcmodel=small", "-mgeneral-regs-only",
        "-fcf-protection=none", "-fno-asynchronous-unwind-tables",
    ];

    public async Task Build()
    {
        string folder = Repository.At("CosmosKernel", "Boot");
        if (!Directory.Exists(folder)) return;
        string[] sources = [.. InputHash.FilesBelow(folder)
            .Where(file => Path.GetExtension(file) is ".S" or ".c")
            .Order(StringComparer.Ordinal)];
        if (sources.Length == 0) return;
        string hash = InputHash.OfFiles(InputHash.FilesBelow(folder).Order(StringComparer.Ordinal),
            string.Join(' ', CompilerOptions));
        string stamp = Path.Combine(Repository.Stamps, "cosmos.elf");
        bool isFresh = File.Exists(Repository.BootElf) && File.Exists(stamp)
            && File.ReadAllText(stamp) == hash;
        if (isFresh) return;
        await progress.Step("building cosmos.elf", () => Link(folder, sources));
        Directory.CreateDirectory(Repository.Stamps);
        File.WriteAllText(stamp, hash);
    }

    private static async Task Link(string folder, string[] sources)
    {
        string objects = Repository.At("artifacts", "boot");
        Directory.CreateDirectory(objects);
        var objectFiles = new List<string>();
        foreach (string source in sources)
        {
            string target = Path.Combine(objects, Path.GetFileName(source) + ".o");
            await Tool.Must("gcc", [.. CompilerOptions, "-c", source, "-o", target]);
            objectFiles.Add(target);
        }
        string linked = Path.Combine(objects, "cosmos64.elf");
        await Tool.Must("ld",
        [
            "-nostdlib", "-T", Path.Combine(folder, "link.ld"), "-z", "max-page-size=4096",
            "-z", "noexecstack", "--no-warn-rwx-segments", .. objectFiles, "-o", linked,
        ]);
        await Tool.Must("objcopy", "-O", "elf32-i386", linked, Repository.BootElf);
    }
}
