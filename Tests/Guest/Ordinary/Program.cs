// An ordinary .NET program that goes wrong when it is told to: `run ordinary CASE [ARGUMENT...]`.
//
// It knows nothing of CosmosKernel. Tests/Boot/Programs says what each case must look like.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Tests.Guest.Ordinary;
using Tests.Guest.Ordinary.Native;

switch (args.FirstOrDefault())
{
    case "words":
        Console.WriteLine($"in {Environment.CurrentDirectory}");
        foreach (string word in args[1..]) Console.WriteLine($"[{word}]");
        return 0;
    case "return":
        return int.Parse(args[1]);
    case "exit":
        Console.Write("before exit");
        new Thread(() => Environment.Exit(int.Parse(args[1]))).Start();
        Thread.Sleep(Timeout.Infinite);
        return 1;
    case "throw":
        Console.WriteLine("before");
        throw new InvalidOperationException(args[1]);
    case "throw-thread":
        new Thread(() => throw new InvalidOperationException("in a thread")).Start();
        Thread.Sleep(Timeout.Infinite);
        return 0;
    case "null":
        string? nothing = args.Length > 1 ? null : "";
        return nothing!.Length;
    case "fail-fast":
        Environment.FailFast("failed fast");
        return 0;
    case "twin":
        return Secrets.Print();
    case "copy":
        return Copy();
    case "errors":
        Console.Out.WriteLine("to the output");
        Console.Error.WriteLine("to the errors");
        return 0;
    case "cancel":
        return Cancel();
    case "pool":
        return Pool(int.Parse(args[1]));
    case "threads":
        return Threads();
    case "memory":
        return Memory();
    case "revoked":
        return new Files(args[1]).UseWhenRevoked(args[2]);
    case "full":
        return new Files(args[1]).FillVolume();
    case "lines":
        return new Files(args[1]).WriteLines(int.Parse(args[2]));
    case "read-only":
        return new Files(args[1]).UseReadOnly();
    default:
        Console.Error.WriteLine("ordinary: usage: ordinary CASE [ARGUMENT...]");
        return 2;
}

// From the input to the output, by characters.
static int Copy()
{
    int lines = 0;
    while (Console.ReadLine() is { } line)
    {
        lines++;
        Console.WriteLine($"{lines}: {line}");
    }
    Console.WriteLine($"end after {lines}");
    return 0;
}

// Goes on after the first Ctrl-C.
static int Cancel()
{
    using ManualResetEventSlim pressed = new();
    Console.CancelKeyPress += (_, press) =>
    {
        press.Cancel = true;
        pressed.Set();
    };
    Console.WriteLine("waiting");
    bool isPressed = pressed.Wait(TimeSpan.FromSeconds(30));
    Console.WriteLine(isPressed ? "pressed" : "not pressed");
    return isPressed ? 0 : 1;
}

// More tasks that wait than a task may have threads.
static int Pool(int seconds)
{
    using ManualResetEventSlim open = new();
    List<Task> tasks = [];
    for (int i = 0; i < 100; i++) tasks.Add(Task.Run(() => open.Wait()));
    Thread.Sleep(seconds * 1_000);
    open.Set();
    Task.WaitAll([.. tasks]);
    Console.WriteLine($"{tasks.Count} tasks");
    return 0;
}

// As many threads as it gets; one too many is an exception that can be caught.
static int Threads()
{
    using ManualResetEventSlim open = new();
    List<Thread> threads = [];
    string end = "no end";
    try
    {
        for (int i = 0; i < 200; i++)
        {
            Thread thread = new(() => open.Wait());
            thread.Start();
            threads.Add(thread);
        }
    }
    catch (OutOfMemoryException)
    {
        end = "no more threads";
    }
    open.Set();
    foreach (Thread thread in threads) thread.Join();
    Console.WriteLine($"{end}: {threads.Count > 8}");
    return 0;
}

// More memory than a task has.
static int Memory()
{
    List<byte[]> all = [];
    while (true)
    {
        byte[] bytes = new byte[1024 * 1024];
        Array.Fill(bytes, (byte)1);
        all.Add(bytes);
    }
}
