// The verb `run`: boots for a person at this terminal, for a pipe, or for a script of lines.
//
// Rules: standard output is the guest's alone; what this side has to say goes to standard error.
// The exit code is 0 only when the machine powered itself off with code 0.

using System;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading;

namespace Tests.Rig.Machine;

public sealed partial class GuestRun(IMachineOptions options, TimeSpan? timeout)
{
    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Forever = TimeSpan.FromDays(7);

    /// <summary>
    /// A person types; the terminal is QEMU's. Without keys, Ctrl-A is the guest's too.
    /// </summary>
    public int AtTerminal(bool hasQemuKeys) => options is QemuOptions qemu
        ? AtTerminal(qemu, hasQemuKeys) : AtKeyboard();

    /// <summary>For a machine that has no terminal of its own.</summary>
    private int AtKeyboard()
    {
        using QemuMachine machine = ShownMachine();
        var typist = new Thread(() => new KeyPump(machine).Run()) { IsBackground = true };
        typist.Start();
        if (machine.HasStopped(timeout ?? Forever)) return Report(machine.WaitForExit());
        throw StillRunning();
    }

    private int AtTerminal(QemuOptions options, bool hasQemuKeys)
    {
        QemuOptions wired = options with
        {
            Serial = hasQemuKeys ? SerialLine.Terminal : SerialLine.Pipe,
        };
        var start = new ProcessStartInfo(QemuOptions.Program, wired.Arguments())
        {
            WorkingDirectory = wired.ArchiveFolder,
        };
        // Ctrl-C belongs to the guest while it runs.
        Console.CancelKeyPress += (_, press) => press.Cancel = true;
        using Process process = Process.Start(start)!;
        if (!process.WaitForExit(timeout ?? Forever))
        {
            process.Kill();
            process.WaitForExit();
            throw StillRunning();
        }
        return Report(process.ExitCode);
    }

    /// <summary>Standard input is a pipe or a file: held back until the first prompt.</summary>
    public int FromPipe()
    {
        using QemuMachine machine = ShownMachine();
        var typist = new Thread(() => TypeStandardInput(machine)) { IsBackground = true };
        typist.Start();
        if (machine.HasStopped(timeout ?? Forever)) return Report(machine.WaitForExit());
        throw StillRunning();
    }

    /// <summary>
    /// Types each line at a prompt of its own, and prints what a person would have seen.
    /// </summary>
    public int FromScript(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (IOException problem)
        {
            throw new RigException($"{file}: {problem.Message}");
        }
        var listener = new MachineListener(Console.Out.WriteLine, Bytes: null);
        using var machine = QemuMachine.Start(options, listener);
        long start = Stopwatch.GetTimestamp();
        TimeSpan Left() => (timeout ?? ScriptTimeout) - Stopwatch.GetElapsedTime(start);
        machine.WaitForPrompt(Left());
        for (int i = 0; i < lines.Length; i++)
        {
            if (machine.SendOrExit(lines[i], Left())) continue;
            if (i < lines.Length - 1 && Array.Exists(lines[(i + 1)..], IsCommand))
            {
                Report(machine.WaitForExit(Left()));
                throw new RigException($"the machine stopped at line {i + 1} of {lines.Length}");
            }
            return Report(machine.WaitForExit(Left()));
        }
        Console.Out.WriteLine(machine.CurrentLine);
        throw new RigException("the script has ended and the machine is still on (no poweroff)");
    }

    /// <summary>What it says appears on standard output as it comes.</summary>
    private QemuMachine ShownMachine()
    {
        Stream output = Console.OpenStandardOutput();
        return QemuMachine.Start(options, new MachineListener(Line: null, Bytes: bytes =>
        {
            output.Write(bytes);
            output.Flush();
        }));
    }

    private RigException StillRunning() =>
        new($"the guest was still running after {timeout?.TotalSeconds} s");

    private static bool IsCommand(string line) => !Blank().IsMatch(line);

    private static void TypeStandardInput(QemuMachine machine)
    {
        try
        {
            machine.WaitForPrompt(Forever);
            using Stream input = Console.OpenStandardInput();
            byte[] buffer = new byte[1024];
            for (int count = input.Read(buffer); count > 0; count = input.Read(buffer))
            {
                machine.TypeBytes(buffer.AsSpan(0, count));
            }
        }
        catch (Exception gone) when (gone is RigException or IOException or ObjectDisposedException)
        {
            // The machine has stopped, which the main thread reports.
        }
    }

    private static int Report(int status)
    {
        var exit = new GuestExit(status);
        if (!exit.IsClean) throw new RigException(exit.ToString());
        return 0;
    }

    [GeneratedRegex(@"^\s*(#.*)?$")]
    private static partial Regex Blank();
}
