// Each operation of files as a short piece of work, with the answers and the tree that it must
// leave, whoever dies meanwhile.
//
// Rules: the expectations are written down here, not recorded. Work begins in an empty directory.

using Shared.Abi;
using Shared.Contracts;
using System;
using System.Collections.Generic;
using static Tests.Simulation.Work.Hands;

namespace Tests.Simulation.Work;

/// <param name="Answers">What Act says when nobody but servers dies.</param>
/// <param name="Tree">What is there afterwards; see Hands.Snapshot.</param>
public sealed record OperationCase(
    string Name, Action<Hands> Prepare, Func<Hands, string> Act, string Answers, string Tree)
{
    const OpenMode Both = OpenMode.Read | OpenMode.Write;
    const OpenMode Making = Both | OpenMode.Create;

    /// <summary>
    /// Trees that are there between two operations of Act, for a client that dies there.
    /// </summary>
    public string[] Between { get; init; } = [];

    public override string ToString() => Name;

    static void Nothing(Hands hands)
    {
    }

    static Action<Hands> Opened(string text, OpenMode mode = Both) => hands =>
    {
        hands.Make("f", text);
        hands.OpenFile("f", mode);
    };

    static Action<Hands> Made(string path, string text) => hands => hands.Make(path, text);

    static Action<Hands> Directory(params string[] paths) => hands =>
    {
        foreach (string path in paths)
            Require(hands.Files.MakeDirectory(hands.At(path)), path);
    };

    public static IEnumerable<OperationCase> All()
    {
        foreach (OperationCase one in Opening()) yield return one;
        foreach (OperationCase one in Bytes()) yield return one;
        foreach (OperationCase one in Names()) yield return one;
        foreach (OperationCase one in Locks()) yield return one;
        foreach (OperationCase one in TwoHops()) yield return one;
    }

    static IEnumerable<OperationCase> Opening()
    {
        yield return new("create", Nothing, h => h.OpenFile("f", Making), "Ok", "f=");
        yield return new("exclusive create", Nothing,
            h => h.OpenFile("f", Making | OpenMode.Exclusive)
                + h.OpenFile("f", Making | OpenMode.Exclusive), "OkAlreadyExists", "f=");
        yield return new("open and read", Made("f", "abc"),
            h => $"{h.OpenFile("f", OpenMode.Read)} {h.Read(0, 1, 9)}", "Ok Ok bc", "f=abc");
        yield return new("open cutting", Made("f", "abc"),
            h => h.OpenFile("f", Both | OpenMode.Truncate), "Ok", "f=");
        yield return new("open what is not there", Nothing,
            h => h.OpenFile("f", OpenMode.Read), "NotFound", "");
    }

    static IEnumerable<OperationCase> Bytes()
    {
        yield return new("write", Opened(""), h => h.Write(0, 0, "abc"), "Ok 3", "f=abc");
        yield return new("overwrite", Opened("abcdef"),
            h => h.Write(0, 1, "XY"), "Ok 2", "f=aXYdef");
        yield return new("overwrite many chunks", Opened(Pattern(10_000, 1)),
            h => h.Write(0, 100, Pattern(9_000, 2)) + h.Read(0, 99, 12),
            "Ok 9000Ok scjqxelszgnu", "f=[10000:bacdcf02]");
        yield return new("write behind the end", Opened("ab"),
            h => h.Write(0, 5, "c"), "Ok 1", "f=ab...c");
        yield return new("append", Opened("ab"),
            h => h.Append(0, "cd") + h.Append(0, "e"), "Ok 4Ok 5", "f=abcde")
            { Between = ["f=abcd"] };
        yield return new("append mode", Opened("ab", OpenMode.Write | OpenMode.Append),
            h => h.Write(0, 0, "cd") + h.Write(0, 0, "e"), "Ok 2Ok 1", "f=abcde")
            { Between = ["f=abcd"] };
        yield return new("cut and grow", Opened("abcdef"),
            h => $"{h.Open[0].SetLength(2)}{h.Open[0].SetLength(4)}", "OkOk", "f=ab..")
            { Between = ["f=ab"] };
        yield return new("stat", Opened("abc"),
            h => $"{h.Open[0].Stat().Value.LengthBytes} "
                + h.Files.Stat(h.At("f")).Value.LengthBytes, "3 3", "f=abc");
    }

    static IEnumerable<OperationCase> Names()
    {
        yield return new("mkdir", Nothing,
            h => $"{h.Files.MakeDirectory(h.At("d"))}{h.Files.MakeDirectory(h.At("d"))}",
            "OkAlreadyExists", "d/");
        yield return new("rmdir", Directory("d"),
            h => $"{h.Files.RemoveDirectory(h.At("d"))}{h.Files.RemoveDirectory(h.At("d"))}",
            "OkNotFound", "");
        yield return new("unlink", Made("f", "abc"),
            h => $"{h.Files.RemoveFile(h.At("f"))}{h.Files.RemoveFile(h.At("f"))}",
            "OkNotFound", "");
        yield return new("unlink while open", Opened("abc"),
            h => $"{h.Files.RemoveFile(h.At("f"))} {h.Write(0, 3, "d")} {h.Read(0, 0, 9)}",
            "Ok Ok 1 Ok abcd", "");
        yield return new("rename", Made("f", "abc"),
            h => $"{h.Files.Rename(h.At("f"), h.At("g"))}{h.Files.Rename(h.At("f"), h.At("g"))}",
            "OkNotFound", "g=abc");
        yield return new("rename over another",
            h => { h.Make("f", "abc"); h.Make("g", "old"); h.OpenFile("g", Both); },
            h => $"{h.Files.Rename(h.At("f"), h.At("g"))} {h.Read(0, 0, 9)}", "Ok Ok old", "g=abc");
        yield return new("rename a directory", Directory("d", "d/e"),
            h => $"{h.Files.Rename(h.At("d"), h.At("x"))}", "Ok", "x/ x/e/");
        yield return new("list", Directory("b", "a"),
            h => $"{h.Files.List(h.At("")).Value.Count}", "2", "a/ b/");
    }

    static IEnumerable<OperationCase> Locks()
    {
        yield return new("lock", LockedTwice,
            h => $"{h.Open[1].Lock(LockMode.Exclusive)}{h.Open[0].Lock(LockMode.None)}"
                + $"{h.Open[1].Lock(LockMode.Exclusive)}", "LockedOkOk", "f=abc");
        yield return new("lock goes with its holder", LockedTwice,
            h => { h.Open[0].Dispose(); return $"{h.Open[1].Lock(LockMode.Exclusive)}"; },
            "Ok", "f=abc");
    }

    static void LockedTwice(Hands hands)
    {
        hands.Make("f", "abc");
        hands.OpenFile("f", Both);
        hands.OpenFile("f", Both);
        Require(hands.Open[0].Lock(LockMode.Exclusive), "lock");
    }

    static IEnumerable<OperationCase> TwoHops()
    {
        yield return new("mkdir by way of another", Nothing,
            h => $"{h.Relay.MakeDirectory(h.Below("d"))}{h.Relay.MakeDirectory(h.Below("d"))}",
            "OkAlreadyExists", "d/");
        yield return new("rename by way of another", Made("f", "abc"),
            h => $"{h.Relay.Rename(h.Below("f"), h.Below("g"))}"
                + $"{h.Relay.Rename(h.Below("f"), h.Below("g"))}", "OkNotFound", "g=abc");
        yield return new("unlink by way of another", Made("f", "abc"),
            h => $"{h.Relay.RemoveFile(h.Below("f"))}{h.Relay.RemoveFile(h.Below("f"))}",
            "OkNotFound", "");
    }
}
