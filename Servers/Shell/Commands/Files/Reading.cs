// Commands that read files from one end to the other: cat, head, wc, hexdump, sha256sum.

using System;
using System.Collections.Generic;
using Org.BouncyCastle.Crypto.Digests;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Files;

/// <summary>Reads each file that is named, or the standard input.</summary>
public abstract class ReadingCommand : Command
{
    /// <summary>What a file is called that has no name, and its name on a command line.</summary>
    protected const string StandardInput = "-";

    public override CommandGroup Group => CommandGroup.Files;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        return ReadAll(context, options.Operands);
    }

    protected int ReadAll(CommandContext context, List<string> names)
    {
        if (names.Count == 0) names.Add(StandardInput);
        int code = ExitCode.Success;
        foreach (string name in names)
        {
            int one = ReadOne(context, name);
            if (one == ExitCode.Interrupted) return one;
            if (one != ExitCode.Success) code = one;
            if (context.IsStopped) break;
        }
        return code;
    }

    /// <summary>Starts anew for each file.</summary>
    protected abstract IReader Start(CommandContext context, string name);

    private int ReadOne(CommandContext context, string name)
    {
        if (name == StandardInput) return Pump(context, context.Input, "standard input", name);
        Result<OpenFile> file = context.Files.Open(context.PathOf(name), OpenMode.Read);
        if (!file.IsOk) return context.Fail(name, file.Status);
        using FileInput input = new(file.Value, context.PathOf(name));
        return Pump(context, input, name, name);
    }

    private int Pump(CommandContext context, Input input, string what, string name)
    {
        IReader reader = Start(context, name);
        byte[] buffer = new byte[OpenFile.StepBytes];
        while (!reader.IsDone && !context.IsStopped)
        {
            // What was read is seen before a wait for more.
            if (input.Stream != Handle.None) context.Output.Flush();
            Result<int> read = input.Read(buffer);
            if (!read.IsOk) return context.Fail(what, read.Status);
            if (read.Value == 0) break;
            reader.Take(buffer.AsSpan(0, read.Value));
        }
        reader.End();
        return ExitCode.Success;
    }
}

/// <summary>What a command does with the bytes of one file.</summary>
public interface IReader
{
    bool IsDone => false;
    void Take(ReadOnlySpan<byte> bytes);
    void End()
    {
    }
}

public sealed class CatCommand : ReadingCommand
{
    public override string Name => "cat";
    public override string Usage => "cat [FILE...]";
    public override string Summary => "print files, or what is typed";

    protected override IReader Start(CommandContext context, string name) => new Copier(context);

    private sealed class Copier(CommandContext context) : IReader
    {
        public void Take(ReadOnlySpan<byte> bytes) => context.Output.Write(bytes);
    }
}

public sealed class HeadCommand : ReadingCommand
{
    private const int DefaultLines = 10;

    public override string Name => "head";
    public override string Usage => "head [-n LINES] [FILE...]";
    public override string Summary => "print the first lines of files";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        uint lines = DefaultLines;
        List<string> names = [];
        for (int index = 0; index < arguments.Count; index++)
        {
            string argument = arguments[index];
            if (argument == "-n")
            {
                if (++index >= arguments.Count) return context.WrongUsage();
                if (!Units.TryNumber(arguments[index], out lines))
                {
                    return context.Fail(arguments[index], "not a number of lines");
                }
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                bool isNumber = Units.TryNumber(argument[1..], out lines);
                if (!isNumber) return context.WrongOption(argument);
            }
            else
            {
                names.Add(argument);
            }
        }
        return new Limited(lines).Read(context, names);
    }

    protected override IReader Start(CommandContext context, string name)
        => new LineCounter(context, DefaultLines);

    /// <summary>The command with its number of lines.</summary>
    private sealed class Limited(uint lines) : ReadingCommand
    {
        public override string Name => "head";
        public override string Usage => "";
        public override string Summary => "";

        public int Read(CommandContext context, List<string> names) => ReadAll(context, names);

        protected override IReader Start(CommandContext context, string name)
            => new LineCounter(context, lines);
    }

    private sealed class LineCounter(CommandContext context, uint lines) : IReader
    {
        private uint _left = lines;

        public bool IsDone => _left == 0;

        public void Take(ReadOnlySpan<byte> bytes)
        {
            while (_left > 0 && !bytes.IsEmpty)
            {
                int end = bytes.IndexOf((byte)'\n');
                int taken = end < 0 ? bytes.Length : end + 1;
                context.Output.Write(bytes[..taken]);
                bytes = bytes[taken..];
                if (end >= 0) _left--;
            }
        }
    }
}

public sealed class WcCommand : ReadingCommand
{
    public override string Name => "wc";
    public override string Usage => "wc [FILE...]";
    public override string Summary => "count lines, words and bytes";

    protected override IReader Start(CommandContext context, string name)
        => new Counter(context, name);

    private sealed class Counter(CommandContext context, string name) : IReader
    {
        private ulong _lines;
        private ulong _words;
        private ulong _bytes;
        private bool _isInWord;

        public void Take(ReadOnlySpan<byte> bytes)
        {
            _bytes += (ulong)bytes.Length;
            foreach (byte value in bytes)
            {
                if (value == '\n') _lines++;
                bool isSpace = value is (byte)' ' or (>= 9 and <= 13);
                if (!isSpace && !_isInWord) _words++;
                _isInWord = !isSpace;
            }
        }

        public void End() => context.WriteLine(
            name == StandardInput ? $"{_lines} {_words} {_bytes}"
                : $"{_lines} {_words} {_bytes} {name}");
    }
}

public sealed class HexDumpCommand : ReadingCommand
{
    public override string Name => "hexdump";
    public override string Usage => "hexdump [FILE...]";
    public override string Summary => "print bytes as hexadecimal and text";

    protected override IReader Start(CommandContext context, string name) => new Dumper(context);

    private sealed class Dumper(CommandContext context) : IReader
    {
        private readonly byte[] _line = new byte[HexDump.BytesPerLine];
        private int _used;
        private ulong _offset;

        public void Take(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty && !context.IsStopped)
            {
                int taken = Math.Min(bytes.Length, _line.Length - _used);
                bytes[..taken].CopyTo(_line.AsSpan(_used));
                _used += taken;
                bytes = bytes[taken..];
                if (_used == _line.Length) PrintLine();
            }
        }

        public void End()
        {
            if (_used > 0) PrintLine();
            context.WriteLine(_offset.ToString("x8"));
        }

        private void PrintLine()
        {
            context.WriteLine(HexDump.Line(_offset, _line.AsSpan(0, _used)));
            _offset += (ulong)_used;
            _used = 0;
        }
    }
}

public sealed class Sha256SumCommand : ReadingCommand
{
    public override string Name => "sha256sum";
    public override string Usage => "sha256sum [FILE...]";
    public override string Summary => "print the SHA-256 of files";

    protected override IReader Start(CommandContext context, string name)
        => new Digester(context, name);

    // The digest of the base class library would load OpenSSL.
    private sealed class Digester(CommandContext context, string name) : IReader
    {
        private readonly Sha256Digest _digest = new();

        public void Take(ReadOnlySpan<byte> bytes) => _digest.BlockUpdate(bytes);

        public void End()
        {
            byte[] sum = new byte[_digest.GetDigestSize()];
            _digest.DoFinal(sum, 0);
            context.WriteLine($"{HexDump.Hex(sum)}  {name}");
        }
    }
}
