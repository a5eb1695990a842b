// How a machine is started in Bochs: cosmos.iso on an i440FX with a PIIX3, and nothing to look at.
//
// Rules: Arguments() is the whole configuration. The serial line is a connection that Bochs makes
// to this process. Debian's Bochs has its debugger built in: it waits for one word first, and its
// screen is a pseudo-terminal that somebody must read, or the machine stops when that is full.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace Tests.Rig.Machine;

public sealed record BochsOptions : IMachineOptions
{
    public const string Program = "bochs-bin";
    public const string Firmware = "/usr/share/bochs/BIOS-bochs-latest";
    private const string ScreenFirmware = "/usr/share/bochs/VGABIOS-lgpl-latest";
    private const string GoOn = "continue\n";
    private const string PowerOff = "soft power off";

    /// <summary>How fast the guest's clock thinks that it runs, in instructions a second.</summary>
    private const int Speed = 100_000_000;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private const int PollMs = 50;
    private static readonly string[] DiskPlaces = ["ata0-master", "ata0-slave", "ata1-slave"];

    public int MemoryMb { get; init; } = 256;
    /// <summary>One of `bochs --help cpu`; x86-64-v2 and FSGSBASE are needed.</summary>
    public string Processor { get; init; } = "corei7_skylake_x";

    /// <summary>At most three, all of ATA.</summary>
    public IReadOnlyList<DiskImage> Disks { get; init; } = [];

    public TimeSpan BootTimeout => TimeSpan.FromSeconds(240);

    /// <param name="port">Where this process listens for the serial line.</param>
    public IReadOnlyList<string> Arguments(int port) =>
    [
        "-q", "-f", "/dev/null", "-log", "/dev/null",
        // Nobody looks at it, but Debian has none without a screen.
        "display_library: term",
        $"cpu: model={Processor}, count=1, ips={Speed}, reset_on_triple_fault=0",
        $"memory: guest={MemoryMb}, host={MemoryMb}",
        $"romimage: file={Firmware}", $"vgaromimage: file={ScreenFirmware}",
        "pci: enabled=1, chipset=i440fx",
        // The guest's time is never ahead of the host's, so an idle guest costs nothing.
        "clock: sync=slowdown, time0=utc",
        $"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}",
        "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14",
        "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15",
        $"ata1-master: type=cdrom, path=\"{Repository.IsoFile}\", status=inserted",
        .. Disks.Select(DiskArgument),
        "boot: cdrom", "speaker: enabled=0", "sound: waveoutdrv=dummy",
        "panic: action=fatal", "error: action=ignore", "info: action=ignore",
    ];

    private static string DiskArgument(DiskImage disk, int number)
    {
        if (disk.Bus != DiskBus.Ata)
            throw new RigException($"{disk.File}: Bochs has ATA disks only (FILE:ata)");
        if (number >= DiskPlaces.Length)
            throw new RigException($"Bochs has room for {DiskPlaces.Length} disks beside the ISO");
        return $"{DiskPlaces[number]}: type=disk, path=\"{disk.File}\", mode=flat";
    }

    public GuestProcess Start()
    {
        if (!File.Exists(Repository.IsoFile))
        {
            throw new RigException("cosmos.iso is not built: dotnet run build.cs build");
        }
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start(backlog: 1);
        var start = new ProcessStartInfo(
            Program, Arguments(((IPEndPoint)listener.LocalEndpoint).Port))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "vt100";
        // Bochs ends a guest's power-off with status 1 and these words.
        var guest = new GuestProcess(start) { CleanEnd = PowerOff };
        try
        {
            // What the debugger prints is of no use, but must go somewhere.
            guest.Process.BeginOutputReadLine();
            guest.Process.StandardInput.Write(GoOn);
            guest.Process.StandardInput.Flush();
            var line = new NetworkStream(Accept(listener, guest), ownsSocket: true);
            guest.Helper = ReadScreen(guest);
            return guest.WithSerialLine(line, line);
        }
        catch
        {
            guest.Kill(ConnectTimeout);
            guest.Dispose();
            throw;
        }
    }

    /// <summary>Another process does it: a terminal opened here might become this one's.</summary>
    private static Process ReadScreen(GuestProcess guest)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < ConnectTimeout && !guest.Process.HasExited)
        {
            if (ScreenOf(guest.Process) is { } screen)
            {
                return Process.Start("dd", [$"if={screen}", "of=/dev/null", "status=none"]);
            }
            Thread.Sleep(PollMs);
        }
        throw new RigException($"Bochs has no screen. {guest.Errors}");
    }

    /// <summary>The kernel says which pseudo-terminal the process has made; or null.</summary>
    private static string? ScreenOf(Process process)
    {
        const string mark = "tty-index:";
        foreach (string file in Directory.EnumerateFiles($"/proc/{process.Id}/fdinfo"))
        {
            foreach (string line in File.ReadAllLines(file))
            {
                if (line.StartsWith(mark, StringComparison.Ordinal))
                    return $"/dev/pts/{line[mark.Length..].Trim()}";
            }
        }
        return null;
    }

    private static Socket Accept(TcpListener listener, GuestProcess guest)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < ConnectTimeout)
        {
            if (listener.Server.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
            {
                return listener.AcceptSocket();
            }
            if (guest.Process.HasExited) break;
        }
        throw new RigException($"Bochs does not start. {guest.Errors}");
    }
}
