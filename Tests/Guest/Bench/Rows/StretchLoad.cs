// Everything that the kernel can be asked for in one go, once or a few times: calls with leases,
// files, starts and deaths, handles by the thousand, memory, and all of its own tables.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class StretchLoad(TaskContext task, Handle machine)
{
    private const int ManyHandles = 10_000, MemoryBytes = 8 << 20, TableBytes = 64 * 1024;
    private const string Server = "memfs@" + Mounted.Directory;

    private readonly ByteStreamWriter _nowhere = new(new Nowhere());
    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));

    public void Run()
    {
        BenchOptions few = BenchOptions.Parse(["load", "--count", "40", "--kills", "5"]);
        BenchOptions once = BenchOptions.Parse(["load", "--kills", "1", "--files", "100"]);
        Timed timed = new(task, few, _nowhere);
        new CallRows(task, timed, few).Run();
        new ProcessRows(task, timed, few).Run();
        using (BenchMount mount = new(task, few))
        {
            new FileRows(mount, timed, few).Run();
            new Recovery(mount, few, _nowhere).Run();
        }
        using (BenchMount mount = new(task, once)) new UpgradeStall(mount, once, _nowhere).Run();
        HoldMany();
        UseMemory();
        ReadTables();
    }

    /// <summary>A death and an umount of a server of which so many handles are held.</summary>
    private void HoldMany()
    {
        FileApi files = FileApi.Open(task);
        using Mounted mount = new(_supervisor, files, "memfs");
        using HandleHolders holders = new(task, files, ManyHandles);
        BenchMount.Require(_supervisor.Kill(Server), "kill");
        BenchMount.Require(files.Stat(Mounted.Directory + "/file").Status, "stat");
        mount.Unmount();
    }

    /// <summary>Taken, written and given back.</summary>
    private static void UseMemory()
    {
        for (int round = 0; round < 4; round++)
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(MemoryBytes);
            for (int at = 0; at < bytes.Length; at += Limits.PageBytes) bytes[at] = 1;
        }
        GC.Collect();
    }

    private void ReadTables()
    {
        byte[] page = new byte[TableBytes];
        foreach (InspectKind kind in Enum.GetValues<InspectKind>())
        {
            ulong cursor = 0;
            do
            {
                Result<InspectPage> read = task.Kernel.Inspect(machine, kind, cursor, page);
                // Capabilities are those of a process, and none is named.
                if (!read.IsOk) break;
                cursor = read.Value.NextCursor;
            }
            while (cursor != 0);
        }
        AuditReport report = default;
        ulong next = 0;
        do
        {
            Result<ulong> slice = task.Kernel.Audit(machine, next, ref report);
            BenchMount.Require(slice.Status, "audit");
            next = slice.Value;
        }
        while (next != 0);
    }
}
