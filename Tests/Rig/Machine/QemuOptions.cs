// How a machine is started: memory, kernel arguments, clock, screen.
//
// Rules: nothing here starts a process; Arguments() is the whole command line.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Tests.Rig.Images;

namespace Tests.Rig.Machine;

/// <summary>Who has the guest's first serial line.</summary>
public enum SerialLine
{
    /// <summary>The starter reads and writes it through pipes, or has it as its own.</summary>
    Pipe,
    /// <summary>A person at this terminal; Ctrl-A X leaves.</summary>
    Terminal,
}

public enum Screen
{
    None,
    /// <summary>A VGA text screen that is not shown, with a PS/2 keyboard.</summary>
    Hidden,
}

public enum GuestClock
{
    Host,
    /// <summary>One nanosecond an instruction: counts are the same in every run.</summary>
    Instructions,
}

public sealed record QemuOptions
{
    public const string Program = "qemu-system-x86_64";
    private const string FastFirmware = "/usr/share/qemu/qboot.rom";

    public int MemoryMb { get; init; } = 256;
    public string KernelArguments { get; init; } = "";
    public SerialLine Serial { get; init; } = SerialLine.Pipe;
    public Screen Screen { get; init; } = Screen.None;
    public GuestClock Clock { get; init; } = GuestClock.Host;
    /// <summary>Path of a Unix socket for QEMU's monitor, or null.</summary>
    public string? MonitorSocket { get; init; }
    public IReadOnlyList<DiskImage> Disks { get; init; } = [];
    public string Processor { get; init; } = "max";
    /// <summary>
    /// Files of the boot archive in its order, with the names that the guest sees.
    /// </summary>
    public IReadOnlyList<string>? BootArchive { get; init; }
    /// <summary>Folder of the boot archive's files.</summary>
    public string ArchiveFolder { get; init; } = Repository.Images;

    public IReadOnlyList<string> Arguments()
    {
        var line = new List<string>
        {
            "-accel", "tcg", "-cpu", Processor, "-m", $"{MemoryMb}", "-nodefaults", "-no-reboot",
            "-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-kernel", Repository.BootFile, "-append", KernelArguments,
            // Module command lines are what stands here, so the names are relative.
            "-initrd", string.Join(',', BootArchive ?? DefaultArchive()),
        };
        if (Serial == SerialLine.Terminal) line.AddRange(["-serial", "mon:stdio"]);
        // Ctrl-C is the guest's, also where this is a terminal.
        else line.AddRange(["-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1"]);
        if (Screen == Screen.Hidden) line.AddRange(["-vga", "std"]);
        // The fast firmware leaves out what only a screen needs, and saves 0.1 s.
        // Nor does it set up PCI devices.
        else if (Disks.Count == 0 && File.Exists(FastFirmware))
            line.AddRange(["-bios", FastFirmware]);
        if (Clock == GuestClock.Instructions) line.AddRange(["-icount", "shift=0,sleep=off"]);
        line.AddRange(DiskImage.Arguments(Disks));
        if (MonitorSocket is { } path) line.AddRange(["-monitor", $"unix:{path},server,nowait"]);
        return line;
    }

    /// <summary>QEMU would end without a word that a test could show.</summary>
    public void CheckFiles()
    {
        string? missing = (BootArchive ?? [.. DefaultArchive()])
            .Select(name => Path.Combine(ArchiveFolder, name)).Prepend(Repository.BootFile)
            .FirstOrDefault(file => !File.Exists(file));
        if (missing is null) return;
        throw new RigException(
            $"{Repository.Relative(missing)} is not built: dotnet run build.cs build");
    }

    /// <summary>The kernel, then images, then their name tables.</summary>
    private static IEnumerable<string> DefaultArchive()
    {
        IReadOnlyList<ImageProject> images = ImageProject.All();
        return images.Select(image => Path.GetFileName(image.ImageFile))
            .Concat(images.Select(image => Path.GetFileName(image.NameTable)));
    }
}
