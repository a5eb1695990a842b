// What the scan has found, for the next incarnation: a scan is made once while the machine is up.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Vaults;

namespace Servers.Drivers.Pci;

internal sealed class PciVault
{
    public const ulong VaultBytes = 256 * 1024;
    public const int MaxFunctions = 128;
    private const string Name = "CKPCI__2";
    private const int RowBytes = 256;
    /// <summary>Key of the row that says that all others are there.</summary>
    private const ulong DoneKey = MaxFunctions + 1;

    private readonly SmallVault _vault;
    private readonly RecordTable _rows;

    public PciVault(IVaultMemory memory)
    {
        _vault = new SmallVault(memory, Name, 2 * RecordTable.LogWordsFor(RowBytes));
        _rows = new RecordTable(_vault, MaxFunctions + 1, RowBytes);
        _vault.Publish();
    }

    /// <summary>In the order of the bus; null before a scan was finished.</summary>
    public List<PciFunctionInfo>? Load()
    {
        if (!_rows.TryGet(DoneKey, out ReadOnlySpan<byte> count)) return null;
        List<PciFunctionInfo> found = [];
        for (ulong key = 1; key <= count[0]; key++)
        {
            if (!_rows.TryGet(key, out ReadOnlySpan<byte> bytes))
                throw new VaultDamagedException("a function's row is gone");
            found.Add(MemoryMarshal.Read<PciFunctionInfo>(bytes));
        }
        return found;
    }

    public void Save(List<PciFunctionInfo> found)
    {
        for (int index = 0; index < found.Count; index++)
        {
            PciFunctionInfo info = found[index];
            _rows.Put((ulong)index + 1, MemoryMarshal.AsBytes(new ReadOnlySpan<PciFunctionInfo>(
                in info)));
            _vault.Commit();
        }
        _rows.Put(DoneKey, [(byte)found.Count]);
        _vault.Commit();
    }
}
