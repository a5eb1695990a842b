// The terminal: line editing, history and completion are the console's, words are the shell's.

using System;
using Shared.Abi;

namespace Shared.Contracts;

/// <summary>
/// A console session. Sessions form a stack of foregrounds: bytes typed go to the newest session
/// that reads. The capability also serves IByteStream (its numbers are apart).
/// </summary>
[Contract(id: 5, version: 1)]
public interface IConsole
{
    /// <summary>A capability for IByteStream and IConsole that belongs to one program.</summary>
    [Op(32)] Result<Capability> OpenSession();

    /// <summary>
    /// Prints the prompt on a fresh line and waits for an edited line (without its end).
    /// EndOfStream at Ctrl-D on an empty line, Interrupted at Ctrl-C, TooLarge beyond 4,096 bytes
    /// (the whole line is dropped).
    /// </summary>
    [Op(33), MayBlock] Result<LineRead> ReadLine(string prompt, Span<byte> target);

    /// <summary>
    /// Answers to a LineRead of kind Complete: candidates joined by '\n', which replace the word
    /// that starts at the byte offset. The next ReadLine goes on with the edited line.
    /// </summary>
    [Op(34)] Status Complete(uint wordOffset, string candidates);

    /// <summary>Signals bit ControlBits.Interrupt at Ctrl-C while no ReadLine waits.</summary>
    [Op(35)] Status OnInterrupt(Capability notification);

    [Op(36), Idempotent] Result<ConsoleSize> Size();
}

public enum LineKind : uint
{
    /// <summary>The user has pressed Enter.</summary>
    Line = 0,
    /// <summary>The user has pressed Tab; the bytes are the line up to the cursor.</summary>
    Complete = 1,
}

public record struct LineRead(uint LengthBytes, LineKind Kind);

public record struct ConsoleSize(ushort Columns, ushort Rows);
