// From a disk to a volume that can be served: what a mount checks, and how.
//
// A volume that was left clean is believed, and its FAT is not read. One that was not is checked
// whole, repaired where a power cut is all that has happened, and read-only otherwise. The vault of
// an earlier incarnation knows better than the volume's mark: its changes are still to be written.
// Rules: a volume that is refused is not written to.

using System;
using System.Globalization;
using Servers.FatFs.Caching;
using Servers.FatFs.Keeping;
using Servers.FatFs.Volumes;
using Shared.Fat;
using Shared.Sdk.Disks;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Checking;

/// <summary>Not a volume that this server can serve; one line says why.</summary>
internal sealed class VolumeRefusedException(string reason) : RefusedException(reason);

internal sealed record OpenedVolume(FatVolume Volume, FatFsVault Vault, bool IsReadOnly);

internal static class VolumeOpening
{
    /// <summary>Blocks that can be read again are kept, up to so many bytes.</summary>
    private const int CleanBytes = 4 * 1024 * 1024;
    /// <summary>In the entry of cluster 1: left clean, and no error met (FAT p. 18).</summary>
    private const uint Clean16 = 0x8000, NoError16 = 0x4000;
    private const uint Clean32 = 0x0800_0000, NoError32 = 0x0400_0000;

    public static OpenedVolume Open(
        IDisk disk, IVaultMemory memory, Access access, Action<string> log)
    {
        byte[] boot = new byte[disk.Geometry.BlockBytes];
        disk.Read(0, boot);
        if (BootSector.Parse(boot, disk.Geometry, out string reason) is not { } layout)
        {
            throw new VolumeRefusedException($"no FAT volume: {reason}");
        }
        FatFsVault vault = new(memory, disk.Geometry);
        FatVolume volume = new(layout, new BlockCache(disk, vault.Slots, CleanBytes));
        volume.Mark.Load();
        vault.Claim(layout, volume.Mark, volume.Allocator);
        bool isReadOnly = access == Access.ReadOnly || disk.IsReadOnly;
        if (vault.IsNew && !isReadOnly && !WasLeftClean(volume))
        {
            isReadOnly = !Check(volume, vault, log);
        }
        vault.Publish();
        return new OpenedVolume(volume, vault, isReadOnly);
    }

    private static bool WasLeftClean(FatVolume volume)
    {
        if (volume.Mark.IsDirty) return false;
        uint marks = volume.Table.Get(1);
        return volume.Layout.Kind switch
        {
            FatKind.Fat12 => true,
            FatKind.Fat16 => (marks & (Clean16 | NoError16)) == (Clean16 | NoError16),
            _ => (marks & (Clean32 | NoError32)) == (Clean32 | NoError32),
        };
    }

    /// <summary>False when the volume must not be written to.</summary>
    private static bool Check(FatVolume volume, FatFsVault vault, Action<string> log)
    {
        VolumeCheck check = new(volume, () =>
        {
            volume.Cache.Stage();
            vault.Commit();
            volume.Cache.Settle();
            volume.Allocator.Settle();
            volume.Write();
        });
        try
        {
            if (check.Run() is { } damage)
            {
                volume.Cache.Abort();
                log($"volume is damaged, mounted read-only: {damage}");
                return false;
            }
        }
        catch (VolumeDamagedException exception)
        {
            volume.Cache.Abort();
            log($"volume is damaged, mounted read-only: {exception.Message}");
            return false;
        }
        volume.Sync();
        volume.Mark.SetClean();
        log(string.Create(CultureInfo.InvariantCulture,
            $"volume was not left clean: {check.FreedClusters} clusters freed, "
            + $"{check.RemovedNames} names removed"));
        return true;
    }
}
