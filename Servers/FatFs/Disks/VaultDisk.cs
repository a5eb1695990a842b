// A disk in memory: the part of this task's vault behind the tables. For `mount -t fat ram TARGET`.
//
// Rules: it goes with the vault, that is with the mount. A death may cut a write in the middle of a
// block; the next incarnation still has that block to write.

using System;
using Servers.FatFs.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Disks;

internal sealed class VaultDisk(IVaultMemory memory) : IDisk
{
    private const uint BlockBytes = 512;

    public BlockGeometry Geometry { get; } = new()
    {
        BlockBytes = BlockBytes,
        Blocks = (memory.LengthBytes - FatFsVault.VaultBytes) / BlockBytes,
    };

    /// <summary>Nobody has made a volume of it yet.</summary>
    public bool IsBlank
    {
        get
        {
            Span<byte> boot = stackalloc byte[(int)BlockBytes];
            Read(0, boot);
            return boot.IndexOfAnyExcept((byte)0) < 0;
        }
    }

    public void Read(ulong firstBlock, Span<byte> target) =>
        memory.Read(AddressOf(firstBlock, target.Length), target);

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source) =>
        memory.Write(AddressOf(firstBlock, source.Length), source);

    public void Flush()
    {
    }

    private ulong AddressOf(ulong firstBlock, int lengthBytes)
    {
        bool isInside = firstBlock < Geometry.Blocks
            && (ulong)lengthBytes / BlockBytes <= Geometry.Blocks - firstBlock;
        if (!isInside) throw new DiskException(Status.BadArgument);
        return FatFsVault.VaultBytes + firstBlock * BlockBytes;
    }
}
