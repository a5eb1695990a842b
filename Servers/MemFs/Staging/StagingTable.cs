// Which memory has writes of which open file: in the vault, since they are the file's although no
// incarnation has seen them.
//
// A word says which records there are, and is never zero; each is the badge of the open file, the
// handle of the memory in the vault's table, and a check.

using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Staging;

internal sealed class StagingTable(UndoLog log)
{
    public const int Records = 31;
    /// <summary>Zero is what a word is that somebody has cleared.</summary>
    private const uint Mark = 1u << Records;
    private const ulong First = VaultLayout.StagingFirst + sizeof(ulong);
    private const ulong RecordBytes = 24;
    private const ulong HandleAt = 8, CheckAt = 16;

    /// <summary>A bit for each record that there is.</summary>
    /// <exception cref="VaultDamagedException">It is not what was written.</exception>
    public uint Used
    {
        get
        {
            uint word = log.LoadChecked(VaultLayout.StagingFirst);
            if ((word & Mark) == 0) throw new VaultDamagedException("no table of staged writes");
            return word & ~Mark;
        }
    }

    /// <summary>For a vault that is made: there is none.</summary>
    public static void Format(IVaultMemory memory) => memory.Store(
        VaultLayout.StagingFirst, CheckedWords.Encode(VaultLayout.StagingFirst, Mark));

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
        SetUsed(Used | BitOf(record));
    }

    public void Remove(int record) => SetUsed(Used & ~BitOf(record));

    private void SetUsed(uint used) => log.SetChecked(VaultLayout.StagingFirst, used | Mark);

    private static ulong PlaceOf(int record) => First + (ulong)record * RecordBytes;

    private static uint BitOf(int record) => 1u << record;

    private static ulong CheckOf(ulong at, Badge badge, Handle memory) =>
        Checksum.Of([at, badge.Value, memory.Value]);
}
