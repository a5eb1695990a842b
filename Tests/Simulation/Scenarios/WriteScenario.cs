// A program leaves writes in memory that it shares with the file's server, and others look at the
// file, while everybody is being killed: what was answered is in the file, once and in order.
//
// It can be run again from its start.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation.Scenarios;

sealed class WriteScenario
{
    const string Path = "/home/f", Deleted = "/home/g";
    const int Lines = 12, MostCalls = 10;

    sealed class CountedKernel(IKernel kernel) : IKernel
    {
        public int Calls { get; private set; }

        public CallResult Invoke(ref Registers registers)
        {
            if (registers.Number == (ulong)SystemCall.Call) Calls++;
            return kernel.Invoke(ref registers);
        }

        public ulong PlaceOf(ulong address) => kernel.PlaceOf(address);
    }

    readonly List<byte> expected = [];
    readonly CountedKernel kernel;
    readonly FileApi files, others;

    WriteScenario(TaskContext context)
    {
        kernel = new CountedKernel(context.Kernel);
        files = new FileApi(kernel, context.Claim("vfs"));
        others = new FileApi(context.Kernel, context.Claim("vfs"));
    }

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        WriteScenario scenario = new(context);
        scenario.Play();
        // The last one that serves has no page for words, whoever was killed before.
        Status killed = supervisor.Kill("memfs@/");
        Require(killed is Status.Ok or Status.Exited, $"kill: {killed}");
        Require(scenario.others.Stat("/home").IsOk, "stat");
        scenario.files.Dispose();
        scenario.others.Dispose();
    }

    void Play()
    {
        RemoteFile file = Open(Path);
        Write(file, Lines);
        int before = kernel.Calls;
        Write(file, Lines);
        Require(kernel.Calls < before + MostCalls, $"{kernel.Calls - before} calls");
        Require(others.Stat(Path).Value.LengthBytes == (ulong)expected.Count, "length");
        file.Offset = 3;
        Write(file, 2);
        Check();
        file.Offset = (ulong)expected.Count;
        Write(file, Lines);
        Require(others.Rename(Path, Deleted) == Status.Ok, "mv");
        Require(others.RemoveFile(Deleted) == Status.Ok, "rm");
        Write(file, 3);
        byte[] read = new byte[expected.Count + 1];
        file.Offset = 0;
        Require(file.Read(read).Value == (uint)expected.Count, "length of what is deleted");
        Require(read.AsSpan()[..^1].SequenceEqual(expected.ToArray()), "what is deleted");
        file.Dispose();
        expected.Clear();
        using (RemoteFile last = Open(Path)) Write(last, Lines);
        Check();
        Require(others.RemoveFile(Path) == Status.Ok, "rm");
    }

    RemoteFile Open(string path)
    {
        Result<RemoteFile> opened = files.Open(
            path, OpenMode.Create | OpenMode.Read | OpenMode.Write | OpenMode.Truncate);
        Require(opened.IsOk, $"open: {opened.Status}");
        return opened.Value;
    }

    void Write(RemoteFile file, int lines)
    {
        for (int i = 0; i < lines; i++)
        {
            byte[] line = Encoding.ASCII.GetBytes($"line {i} at {file.Offset}\n");
            int at = (int)file.Offset;
            while (expected.Count < at + line.Length) expected.Add(0);
            for (int j = 0; j < line.Length; j++) expected[at + j] = line[j];
            Result<uint> written = file.Write(line);
            Require(written.Value == line.Length, $"write: {written.Status}");
        }
    }

    void Check()
    {
        Result<byte[]> read = others.ReadAll(Path, 1 << 20);
        Require(read.IsOk, $"read: {read.Status}");
        Require(read.Value.AsSpan().SequenceEqual(expected.ToArray()), "bytes");
    }

    static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }
}
