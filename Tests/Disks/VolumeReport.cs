// What a check of the whole volume finds on a disk, which stays as it is.

using Servers.FatFs.Caching;
using Servers.FatFs.Checking;
using Servers.FatFs.Keeping;
using Servers.FatFs.Volumes;
using Shared.Fat;
using Shared.Sdk.Vaults;

namespace Tests.Disks;

/// <param name="Damage">Null when nothing is wrong that a power cut does not explain.</param>
internal sealed record VolumeReport(string? Damage, uint FreedClusters, int RemovedNames)
{
    public static readonly VolumeReport Good = new(null, 0, 0);

    public static VolumeReport Of(SparseDisk disk)
    {
        SparseDisk copy = disk.Copy();
        byte[] boot = new byte[copy.Geometry.BlockBytes];
        copy.Read(0, boot);
        FatLayout? layout = BootSector.Parse(boot, copy.Geometry, out string reason);
        if (layout is null) return new VolumeReport(reason, 0, 0);
        SmallVault vault = new(
            new HeapVaultMemory(FatFsVault.VaultBytes), "CKCHECK1", 2 * FatFsVault.MaxStagedBlocks);
        DirtySlots slots = new(vault, 4096, copy.Geometry.BlockBytes);
        FatVolume volume = new(layout, new BlockCache(copy, slots, 1 << 20));
        VolumeCheck check = new(volume, () =>
        {
            volume.Cache.Stage();
            vault.Commit();
            volume.Cache.Settle();
            volume.Write();
        });
        try
        {
            return new VolumeReport(check.Run(), check.FreedClusters, check.RemovedNames);
        }
        catch (VolumeDamagedException exception)
        {
            return new VolumeReport(exception.Message, 0, 0);
        }
    }
}
