// What a task was started with: capabilities by name, arguments, environment, log, clock.
//
// Made once, by TaskMain in the guest and by tests on the host; handed down, never static.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Shared.Abi;

namespace Shared.Sdk;

/// <summary>Capabilities come as environment variables CAP_name=hex.</summary>
public sealed class TaskContext
{
    private const int MaxLogBytes = 1024;

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Handle _log;

    public TaskContext(
        IKernel kernel, string programName, IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment)
    {
        Kernel = kernel;
        ProgramName = programName;
        Arguments = arguments;
        _environment = environment;
        _log = Find("log");
    }

    public IKernel Kernel { get; }

    /// <summary>The first string of the start block.</summary>
    public string ProgramName { get; }

    /// <summary>The strings after the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public ulong NowNs => Kernel.ClockNow();

    /// <summary>The capability of this name, or Handle.None.</summary>
    public Handle Find(string name)
    {
        bool isThere = ulong.TryParse(
            Environment("CAP_" + name), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong value);
        return isThere ? new Handle(value) : Handle.None;
    }

    /// <summary>The capability of this name; the task cannot work without it.</summary>
    public Handle Claim(string name)
    {
        Handle handle = Find(name);
        if (!handle.IsNone) return handle;
        throw new InvalidOperationException($"capability '{name}' was not given to this task");
    }

    public string? Environment(string name) => _environment.GetValueOrDefault(name);

    /// <summary>One line of the kernel log; nothing happens without the capability.</summary>
    public void Log(string line)
    {
        if (_log.IsNone) return;
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Kernel.LogWrite(_log, bytes.AsSpan(0, TextCut.Utf8(bytes, MaxLogBytes)));
    }
}

/// <summary>Where to cut UTF-8 so that no character is halved.</summary>
public static class TextCut
{
    /// <summary>Length of the longest prefix of at most so many bytes that ends with a character.</summary>
    public static int Utf8(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes) return text.Length;
        int length = maxBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return length;
    }
}
