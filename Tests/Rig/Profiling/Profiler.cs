// Which functions a command spends its instructions in, over all processes and the kernel.
//
// Rules: nothing in the guest helps. An address space belongs to the image of whose functions most
// first instructions were run in it, since no two images have theirs at the same places.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using Tests.Rig.Machine;

namespace Tests.Rig.Profiling;

public sealed class Profiler(TimeSpan limit)
{
    /// <summary>Of programs, only data lies beyond.</summary>
    private const ulong FirstKernelAddress = 0x4000_0000;
    private const int MaxName = 110;

    /// <summary>
    /// Boots, does the preparations, and logs what of the last command is in the window.
    /// </summary>
    public void Run(
        IReadOnlyList<string> commands, ProfileWindow window, int rows, Action<string> print)
    {
        SymbolTable[] tables = [.. Directory.GetFiles(Repository.Images, "*.sym")
            .Select(file => new SymbolTable(file))];
        window.Resolve(tables);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cosmos-profile");
        try
        {
            InstructionLog log = new(MakePipe(folder), window);
            Measure(commands, log, folder, print);
            Print(log, tables, rows, print);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Measure(
        IReadOnlyList<string> commands, InstructionLog log, DirectoryInfo folder,
        Action<string> print)
    {
        string socket = Path.Combine(folder.FullName, "monitor");
        using QemuMachine machine = QemuMachine.Start(new QemuOptions
        {
            Clock = GuestClock.Instructions, MonitorSocket = socket, Stepping = Stepping.Single,
        });
        machine.WaitForPrompt(limit);
        foreach (string command in commands.SkipLast(1)) machine.Send(command, limit);
        using Socket monitor = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        monitor.Connect(new UnixDomainSocketEndPoint(socket));
        log.Start();
        Tell(monitor, $"logfile {Path.Combine(folder.FullName, "log")}");
        Tell(monitor, "log exec,nochain,mmu");
        print(machine.Send(commands[^1], limit));
        machine.Kill();
        log.WaitForEnd(limit);
    }

    private static void Tell(Socket monitor, string command)
    {
        monitor.Send(Encoding.ASCII.GetBytes(command + "\n"));
        StringBuilder heard = new();
        byte[] buffer = new byte[4096];
        // The line is echoed; the prompt after it says that it is done.
        while (!heard.ToString().Contains(command[^4..], StringComparison.Ordinal)
            || !heard.ToString().TrimEnd().EndsWith("(qemu)", StringComparison.Ordinal))
        {
            int read = monitor.Receive(buffer);
            if (read == 0) throw new RigException("the monitor of QEMU is gone");
            heard.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }

    private static string MakePipe(DirectoryInfo folder)
    {
        string pipe = Path.Combine(folder.FullName, "log");
        ToolResult result = Tool.Run("mkfifo", [pipe]).GetAwaiter().GetResult();
        if (result.ExitCode != 0) throw new RigException($"mkfifo: {result.Output}");
        return pipe;
    }

    private static void Print(
        InstructionLog log, SymbolTable[] tables, int rows, Action<string> print)
    {
        SymbolTable kernel = tables.First(table => table.Image == "kernel");
        Dictionary<(string Image, string Name), long> counts = [];
        foreach (Dictionary<ulong, long> addresses in log.Counts.Values)
        {
            SymbolTable image = ImageOf(addresses.Keys, tables);
            foreach ((ulong address, long count) in addresses)
            {
                SymbolTable table = address >= FirstKernelAddress ? kernel : image;
                (string, string) key = (table.Image, table.Name(table.Find(address)));
                counts[key] = counts.GetValueOrDefault(key) + count;
            }
        }
        long all = counts.Values.Sum();
        print($"{all} instructions");
        foreach (var group in counts.GroupBy(entry => entry.Key.Image)
            .OrderByDescending(group => group.Sum(entry => entry.Value)))
        {
            print(Line(group.Sum(entry => entry.Value), all, $"ALL OF {group.Key}"));
        }
        foreach (var entry in counts.OrderByDescending(entry => entry.Value).Take(rows))
            print(Line(entry.Value, all, $"{entry.Key.Image}: {entry.Key.Name}"));
    }

    private static SymbolTable ImageOf(ICollection<ulong> addresses, SymbolTable[] tables)
    {
        ulong[] own = [.. addresses.Where(address => address < FirstKernelAddress)];
        return tables.MaxBy(table => own.Count(table.IsStart))!;
    }

    private static string Line(long count, long all, string name)
    {
        string shown = name.Length > MaxName ? name[..MaxName] : name;
        return string.Create(
            CultureInfo.InvariantCulture, $"{count,12} {100.0 * count / all,5:F1} % {shown}");
    }
}
