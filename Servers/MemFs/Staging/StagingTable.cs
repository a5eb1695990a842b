// Which memory has writes of which open file: in the vault, since they are the file's although no
// incarnation has seen them.
//
// A word says which records there are; each is the badge of the open file, the handle of the memory
// in the vault's table, and a check.

using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Staging;

internal sealed class StagingTable(UndoLog log)
{
    public const int Records = 32;
    private const ulong First = VaultLayout.StagingFirst + sizeof(ulong);
    private const ulong RecordBytes = 24;
    private const ulong HandleAt = 8, CheckAt = 16;

    /// <summary>A bit for each record that there is.</summary>
    public uint Used => log.LoadChecked(VaultLayout.StagingFirst);

    /// <exception cref="VaultDamagedException">It is not what was written.</exception>
    public (Badge Badge, Handle Memory) Read(int record)
    {
        ulong at = PlaceOf(record);
        Badge badge = new(log.Load(at));
        Handle memory = new(log.Load(at + HandleAt));
        if (log.Load(at + CheckAt) != CheckOf(at, badge, memory))
            throw new VaultDamagedException($"the record of staged writes {record} is damaged");
        return (badge, memory);
    }

    /// <summary>With the transaction in progress, as Remove.</summary>
    public void Add(int record, Badge badge, Handle memory)
    {
        ulong at = PlaceOf(record);
        log.Set(at, badge.Value);
        log.Set(at + HandleAt, memory.Value);
        log.Set(at + CheckAt, CheckOf(at, badge, memory));
        log.SetChecked(VaultLayout.StagingFirst, Used | BitOf(record));
    }

    public void Remove(int record) =>
        log.SetChecked(VaultLayout.StagingFirst, Used & ~BitOf(record));

    private static ulong PlaceOf(int record) => First + (ulong)record * RecordBytes;

    private static uint BitOf(int record) => 1u << record;

    private static ulong CheckOf(ulong at, Badge badge, Handle memory) =>
        Checksum.Of([at, badge.Value, memory.Value]);
}
