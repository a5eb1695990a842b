// One random thing that a client does with the files of one directory.
//
// Rules: a value; what it does is in OperationRunner, what it must answer in TreeModel.

using Shared.Contracts;
using System;
using System.Linq;

namespace Tests.Simulation.Work;

public enum Act
{
    Open, Close, Write, Append, SetLength, Read, Lock, StatFile,
    MakeDirectory, RemoveDirectory, RemoveFile, Rename, List, Stat,
}

/// <param name="Slot">Which of the client's open files.</param>
/// <param name="Number">Offset, length or lock, as the act needs it.</param>
public sealed record Operation(
    Act Act, int Slot, string Path, string Target, OpenMode Mode, int Number, int LengthBytes,
    int Seed)
{
    public const int Slots = 4;
    const int LargestOffset = 12_000;

    static readonly OpenMode[] Modes =
    [
        OpenMode.Read, OpenMode.Read | OpenMode.Write,
        OpenMode.Read | OpenMode.Write | OpenMode.Create,
        OpenMode.Read | OpenMode.Write | OpenMode.Create,
        OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Exclusive,
        OpenMode.Read | OpenMode.Write | OpenMode.Truncate,
        OpenMode.Write | OpenMode.Create | OpenMode.Append,
    ];

    public override string ToString() => Act switch
    {
        Act.Open => $"{Slot}=open {Path} {Mode}",
        Act.Rename => $"rename {Path} {Target}",
        Act.Write or Act.Append or Act.Read => $"{Act} {Slot} at {Number}, {LengthBytes} bytes",
        _ when Act < Act.MakeDirectory => $"{Act} {Slot} {Number}",
        _ => $"{Act} {Path}",
    };

    public byte[] Bytes()
    {
        byte[] bytes = new byte[LengthBytes];
        for (int i = 0; i < LengthBytes; i++) bytes[i] = (byte)(Seed + i * 7);
        return bytes;
    }

    /// <summary>How likely each act is in one run: other runs find other bugs.</summary>
    public static int[] Weights(Random random) =>
        [.. Enum.GetValues<Act>().Select(act => act == Act.Open ? 8 : random.Next(10))];

    public static Operation Next(Random random, int[] weights)
    {
        int choice = random.Next(weights.Sum());
        int act = 0;
        while (choice >= weights[act]) choice -= weights[act++];
        bool isLong = random.Next(8) == 0;
        return new Operation(
            (Act)act, random.Next(Slots), RandomPath(random), RandomPath(random),
            Modes[random.Next(Modes.Length)],
            (Act)act == Act.Lock ? random.Next(3)
                : random.Next(4) == 0 ? random.Next(LargestOffset) : random.Next(64),
            1 + random.Next(isLong ? 9_000 : 60), random.Next(256));
    }

    static string RandomPath(Random random)
    {
        string name = Name(random);
        return random.Next(3) == 0 ? $"{name}/{Name(random)}" : name;
    }

    static string Name(Random random) => ((char)('a' + random.Next(4))).ToString();
}
