// The process that plays a machine, and the two ends of the machine's serial line.
//
// Rules: whoever starts it disposes it, which kills it by its own id.

using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Text;

namespace Tests.Rig.Machine;

/// <summary>What a machine is made of. Start may throw a RigException.</summary>
public interface IMachineOptions
{
    /// <summary>How long its boot to the prompt may take on a busy host.</summary>
    TimeSpan BootTimeout { get; }

    GuestProcess Start();
}

public sealed class GuestProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    /// <param name="start">Redirects at least its errors.</param>
    public GuestProcess(ProcessStartInfo start)
    {
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new RigException($"{start.FileName} is not installed: dotnet run build.cs setup");
        }
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Bytes for the guest's serial line.</summary>
    public Stream Input { get; private set; } = Stream.Null;
    /// <summary>Bytes that the guest has sent.</summary>
    public Stream Output { get; private set; } = Stream.Null;
    /// <summary>Text among its errors that stands for a clean end.</summary>
    public string? CleanEnd { get; init; }

    public Process Process => _process;

    /// <summary>Dies with it.</summary>
    public Process? Helper { get; set; }

    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString().Trim();
        }
    }

    /// <summary>As GuestExit reads it. Only after its end.</summary>
    public int ExitStatus
    {
        get
        {
            // Without a time-out this also waits for the last line of its errors.
            _process.WaitForExit();
            bool isClean = CleanEnd is { } text && Errors.Contains(text, StringComparison.Ordinal);
            return isClean ? 0 : _process.ExitCode;
        }
    }

    /// <summary>Says where the serial line is. The streams are disposed with this.</summary>
    public GuestProcess WithSerialLine(Stream input, Stream output)
    {
        Input = input;
        Output = output;
        return this;
    }

    public void Kill(TimeSpan timeout)
    {
        if (_process.HasExited) return;
        _process.Kill();
        _process.WaitForExit(timeout);
    }

    public void Dispose()
    {
        if (Helper is { HasExited: false } helper) helper.Kill();
        Helper?.Dispose();
        Input.Dispose();
        Output.Dispose();
        _process.Dispose();
    }
}
