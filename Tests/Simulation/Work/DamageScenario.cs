// Somebody spoils a word in the tables of a mount's vault, and its server dies: no next incarnation
// may take the vault for whole, or make it anew.

using CosmosKernel;
using CosmosKernel.Processes;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Text;

namespace Tests.Simulation.Work;

public sealed class DamageScenario
{
    const string Server = "memfs@/mnt";
    const ulong TimeOfRoot = 32;

    public SimulatedSystem System { get; set; } = null!;
    public Status HandleStatus { get; private set; }
    public Status PathStatus { get; private set; }
    public string Report { get; private set; } = "";

    public void Run(TaskContext context)
    {
        Hands hands = new(context, "/mnt");
        Hands.Require(hands.Supervisor.Mount("memory", "/mnt", "memfs", ""), "mount");
        // The mount is there for Vfs a little later.
        Result<RemoteFile> made;
        do
        {
            hands.Sleep(1_000_000);
            made = hands.Files.Open(
                "/mnt/f", OpenMode.Read | OpenMode.Write | OpenMode.Create);
        }
        while (!made.IsOk);
        Hands.Require(made.Value.Write("text"u8).Status, "write");
        Spoil();
        Hands.Require(hands.Supervisor.Kill(Server), "kill");
        HandleStatus = made.Value.Stat().Status;
        PathStatus = hands.Files.Stat("/mnt/f").Status;
        byte[] text = new byte[4096];
        Result<uint> report = hands.Supervisor.CrashReport(Server, text);
        Hands.Require(report.Status, "report");
        Report = Encoding.UTF8.GetString(text, 0, (int)report.Value);
        made.Value.Dispose();
    }

    /// <summary>A wild store: one byte of the root directory's time.</summary>
    void Spoil()
    {
        Kernel kernel = System.Kernel;
        for (int index = 0; index < kernel.Processes.Capacity; index++)
        {
            Process process = kernel.Processes[index];
            if (!process.IsAlive || Encoding.UTF8.GetString(process.NameText) != Server) continue;
            VaultLayout layout = VaultLayout.For(MemFsOptions.DefaultQuotaBytes);
            ulong place = AddressMap.VaultFirst + layout.Node(0) + TimeOfRoot;
            if (!kernel.UserMemory.TryWrite(process, place, [0xAB]))
                throw new InvalidOperationException("no vault to spoil");
            return;
        }

        throw new InvalidOperationException("no server to spoil");
    }
}
