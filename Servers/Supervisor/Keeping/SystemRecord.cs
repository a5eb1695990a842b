// What the supervisor keeps that belongs to no task: its own lasting capabilities, and counters of
// which each value is used once.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

public sealed class SystemRecord
{
    public Handle Endpoint { get; set; }
    public Handle Deaths { get; set; }
    public Handle Control { get; set; }
    public Dictionary<string, Handle> Devices { get; } = [];
    public uint LastMountId { get; set; }
    public uint LastJobNumber { get; set; }
    public BootProgress Boot { get; set; }
    /// <summary>Each of the next incarnations commits it before it receives.</summary>
    public Injection EarlyFault { get; set; }

    /// <summary>Every capability that the record names.</summary>
    public IEnumerable<Handle> Handles => [Endpoint, Deaths, Control, .. Devices.Values];

    public void Write(ref RecordWriter writer)
    {
        writer.Number(Endpoint.Value);
        writer.Number(Deaths.Value);
        writer.Number(Control.Value);
        writer.Number(LastMountId);
        writer.Number(LastJobNumber);
        writer.Number((ulong)Boot);
        writer.Number((ulong)EarlyFault.Bits);
        writer.Number((ulong)Devices.Count);
        foreach ((string name, Handle handle) in Devices)
        {
            writer.Text(name);
            writer.Number(handle.Value);
        }
    }

    public void Read(ref RecordReader reader)
    {
        Endpoint = new Handle(reader.Number());
        Deaths = new Handle(reader.Number());
        Control = new Handle(reader.Number());
        LastMountId = (uint)reader.Number();
        LastJobNumber = (uint)reader.Number();
        Boot = (BootProgress)reader.Number();
        EarlyFault = Injection.Of(reader.Number());
        for (ulong count = reader.Number(); count > 0; count--)
        {
            string name = reader.Text();
            Devices[name] = new Handle(reader.Number());
        }
    }
}

/// <summary>What was mounted at boot may have been unmounted since; that is not undone.</summary>
public enum BootProgress : byte { Underway, Done }
