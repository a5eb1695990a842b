// How long a file server's garbage collections stop it, while two clients make it work for names:
// they make and remove files, open and list.
//
// Rules: the server is Tests/Guest/MemFs2, which measures itself and writes what it has to the
// kernel's log; that is read as /proc/log. Only what was written after the load began counts.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class PauseRows(TaskContext task, BenchOptions options, ByteStreamWriter output)
{
    private const string Server = "memfs", Image = "memfs2";
    private const string Mark = "pauses ns:", LogPath = "/proc/log";
    /// <summary>Names are long, since they are most of what the server leaves as garbage.</summary>
    private const int LetterCount = 200;
    private const int Entries = 100, ListEach = 8, Clients = 2, QuietMs = 200;

    private static readonly string s_letters = new('x', LetterCount);

    private readonly FileApi _files = FileApi.Open(task);
    private string? _problem;

    public void Run()
    {
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        using Mounted mount = new(supervisor, _files, Server);
        Status upgraded = supervisor.Upgrade($"{Server}@{Mounted.Directory}", Image);
        BenchMount.Require(upgraded, "upgrade");
        // It does once what it has put off until there is nothing else to do, and says so later.
        Thread.Sleep(QuietMs);
        for (int i = 0; i < Entries; i++) Make($"{Mounted.Directory}/{i}{s_letters}");
        Thread.Sleep(QuietMs);
        int before = Pauses().Count;
        Thread[] clients = new Thread[Clients];
        for (int i = 0; i < Clients; i++)
        {
            int client = i;
            clients[i] = new Thread(() => Work(client));
            clients[i].Start();
        }
        foreach (Thread client in clients) client.Join();
        if (_problem is { } problem) throw new BenchException(problem);
        Thread.Sleep(QuietMs);
        Distribution pauses = new();
        foreach (ulong pauseNs in Pauses()[before..]) pauses.Add(pauseNs);
        if (pauses.Count == 0) throw new BenchException("nothing was collected");
        output.WriteLine(pauses.Line("collection pause in a file server"));
    }

    private void Work(int client)
    {
        try
        {
            byte[] entries = new byte[32 * 1024];
            for (int turn = 0; turn < options.Count; turn++)
            {
                string path = $"{Mounted.Directory}/{client}-{turn}{s_letters}";
                Make(path);
                BenchMount.Require(_files.Stat(path).Status, "stat");
                BenchMount.Require(_files.RemoveFile(path), "unlink");
                if (turn % ListEach == 0) List(entries);
            }
        }
        catch (BenchException problem)
        {
            _problem = problem.Message;
        }
    }

    private void Make(string path)
    {
        Result<RemoteFile> made = _files.Open(path, OpenMode.Write | OpenMode.Create);
        BenchMount.Require(made.Status, "create");
        made.Value.Dispose();
    }

    private void List(byte[] entries)
    {
        ulong cookie = 0;
        do
        {
            Result<ListedEntries> page = _files.ReadEntries(Mounted.Directory, cookie, entries);
            BenchMount.Require(page.Status, "list");
            cookie = page.Value.NextCookie;
        }
        while (cookie != 0);
    }

    /// <summary>All that the log has, in nanoseconds.</summary>
    private List<ulong> Pauses()
    {
        Result<byte[]> log = _files.ReadAll(LogPath, Limits.LogBytes);
        BenchMount.Require(log.Status, "log");
        List<ulong> pauses = [];
        foreach (string line in Encoding.UTF8.GetString(log.Value).Split('\n'))
        {
            int mark = line.IndexOf(Mark, StringComparison.Ordinal);
            if (mark < 0) continue;
            foreach (string number in line[(mark + Mark.Length)..].Split(
                ' ', StringSplitOptions.RemoveEmptyEntries))
            {
                pauses.Add(ulong.Parse(number, CultureInfo.InvariantCulture));
            }
        }
        return pauses;
    }
}
