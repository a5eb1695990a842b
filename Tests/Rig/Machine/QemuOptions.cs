// How a machine is started in QEMU: medium, memory, kernel arguments, clock, screen.
//
// Rules: Arguments() is the whole command line.

using System;
using System.Collections.Generic;
using System.Diagnostics;
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

public enum Stepping
{
    Blocks,
    /// <summary>QEMU translates each instruction by itself, so that its log has all.</summary>
    Single,
}

public enum BootMedium
{
    /// <summary>QEMU loads the boot shim and the archive itself.</summary>
    Files,
    /// <summary>cosmos.iso in the drive; firmware and GRUB do it, as on any machine.</summary>
    Iso,
}

public enum Firmware { Bios, Uefi }

public sealed record QemuOptions : IMachineOptions
{
    public const string Program = "qemu-system-x86_64";
    public const string UefiFirmware = "/usr/share/ovmf/OVMF.fd";
    private const string FastFirmware = "/usr/share/qemu/qboot.rom";
    private static readonly TimeSpan FilesTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan IsoTimeout = TimeSpan.FromSeconds(120);

    public BootMedium Medium { get; init; } = BootMedium.Files;
    /// <summary>What QEMU loads first, for the medium Files.</summary>
    public string KernelFile { get; init; } = Repository.BootFile;
    /// <summary>Uefi needs the medium Iso.</summary>
    public Firmware Firmware { get; init; } = Firmware.Bios;
    public int MemoryMb { get; init; } = 256;
    /// <summary>For the medium Files; from the ISO the menu of GRUB decides.</summary>
    public string KernelArguments { get; init; } = "";
    public SerialLine Serial { get; init; } = SerialLine.Pipe;
    public Screen Screen { get; init; } = Screen.None;
    public GuestClock Clock { get; init; } = GuestClock.Host;
    /// <summary>Path of a Unix socket for QEMU's monitor, or null.</summary>
    public string? MonitorSocket { get; init; }
    public Stepping Stepping { get; init; } = Stepping.Blocks;
    public IReadOnlyList<DiskImage> Disks { get; init; } = [];
    public string Processor { get; init; } = "max";
    /// <summary>
    /// Files of the boot archive in its order, with the names that the guest sees.
    /// </summary>
    public IReadOnlyList<string>? BootArchive { get; init; }
    /// <summary>Folder of the boot archive's files.</summary>
    public string ArchiveFolder { get; init; } = Repository.Images;

    /// <summary>
    /// Tests/Guest/Ping in the system's place: two tasks, which call each other, and as many more
    /// as it starts, of half a megabyte each.
    /// </summary>
    public static QemuOptions TwoTasks => new()
    {
        Clock = GuestClock.Instructions, KernelArguments = "first=ping", MemoryMb = 640,
        BootArchive = [ImageProject.Kernel, "ping"],
    };

    /// <summary>The system itself, in as little memory as it promises to need.</summary>
    public static QemuOptions Small => new()
    {
        MemoryMb = 64, BootArchive = Images.BootArchive.System,
    };

    public IReadOnlyList<string> Arguments()
    {
        var line = new List<string>
        {
            "-accel", "tcg", "-cpu", Processor, "-m", $"{MemoryMb}", "-nodefaults", "-no-reboot",
            "-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
        };
        line.AddRange(MediumArguments());
        if (Serial == SerialLine.Terminal) line.AddRange(["-serial", "mon:stdio"]);
        // Ctrl-C is the guest's, also where this is a terminal.
        else line.AddRange(["-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1"]);
        if (Screen == Screen.Hidden) line.AddRange(["-vga", "std"]);
        if (Firmware == Firmware.Uefi) line.AddRange(["-bios", UefiFirmware]);
        // The fast firmware leaves out what only a screen, a drive or PCI devices need, and saves
        // 0.1 s.
        else if (HasNothingToSetUp && File.Exists(FastFirmware))
            line.AddRange(["-bios", FastFirmware]);
        if (Clock == GuestClock.Instructions) line.AddRange(["-icount", "shift=0,sleep=off"]);
        if (Stepping == Stepping.Single) line.Add("-singlestep");
        line.AddRange(DiskImage.Arguments(Disks));
        if (MonitorSocket is { } path) line.AddRange(["-monitor", $"unix:{path},server,nowait"]);
        return line;
    }

    /// <summary>Names of files are the modules' names, so they are relative.</summary>
    private string[] MediumArguments() => Medium == BootMedium.Iso
        // A disk that nobody can boot from comes first otherwise.
        ? ["-cdrom", Repository.IsoFile, "-boot", "order=d"]
        : ["-kernel", KernelFile, "-append", KernelArguments,
            "-initrd", string.Join(',', BootArchive ?? DefaultArchive())];

    private bool HasNothingToSetUp =>
        Medium == BootMedium.Files && Screen == Screen.None && Disks.Count == 0;

    public TimeSpan BootTimeout => Medium == BootMedium.Iso ? IsoTimeout : FilesTimeout;

    public GuestProcess Start()
    {
        CheckFiles();
        var guest = new GuestProcess(new ProcessStartInfo(Program, Arguments())
        {
            WorkingDirectory = ArchiveFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        return guest.WithSerialLine(guest.Process.StandardInput.BaseStream,
            guest.Process.StandardOutput.BaseStream);
    }

    /// <summary>QEMU would end without a word that a test could show.</summary>
    public void CheckFiles()
    {
        IEnumerable<string> files = Medium == BootMedium.Iso ? [Repository.IsoFile]
            : (BootArchive ?? DefaultArchive()).Select(name => Path.Combine(ArchiveFolder, name))
                .Prepend(KernelFile);
        string? missing = files.FirstOrDefault(file => !File.Exists(file));
        if (missing is null) return;
        throw new RigException(
            $"{Repository.Relative(missing)} is not built: dotnet run build.cs build");
    }

    private static IEnumerable<string> DefaultArchive() =>
        Images.BootArchive.Names(ImageProject.All());
}
