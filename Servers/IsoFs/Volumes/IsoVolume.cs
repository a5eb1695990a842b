// Which tree of a volume is served, and what its descriptors say (ECMA-119, 8; Joliet, 1995).
//
// Rules: Rock Ridge before Joliet before plain names. A volume that is refused says why in a line.

using System;
using System.Buffers.Binary;
using Servers.IsoFs.Directories;
using Shared.Sdk.Disks;

namespace Servers.IsoFs.Volumes;

internal sealed class IsoVolume
{
    public const int SectorBytes = 2048;
    private const ulong FirstDescriptor = 16;
    private const int MaxDescriptors = 64;
    private const int BlockSizeAt = 128, BlocksAt = 80, RootAt = 156, EscapeAt = 88;
    private const byte Primary = 1, Supplementary = 2, Terminator = 255;

    private IsoVolume(DiscReader disc) => Disc = disc;

    public DiscReader Disc { get; }
    public NameStyle Names { get; private set; }
    /// <summary>What the volume says that it takes of the disc.</summary>
    public ulong LengthBytes { get; private set; }
    public IsoDirectory Root { get; private set; }
    /// <summary>Bytes of each record that SUSP leaves to others (SUSP 1.12, 5.3).</summary>
    public int SkippedBytes { get; private set; }

    /// <summary>VolumeRefusedException when this is nothing that can be served.</summary>
    public static IsoVolume Open(IDisk disk)
    {
        IsoVolume volume = new(new DiscReader(disk));
        try
        {
            volume.Load();
        }
        catch (VolumeDamagedException damage)
        {
            throw new VolumeRefusedException($"no ISO 9660 volume: {damage.Message}");
        }
        return volume;
    }

    private void Load()
    {
        byte[] sector = new byte[SectorBytes];
        byte[]? primary = null, joliet = null;
        for (ulong i = 0; i < MaxDescriptors; i++)
        {
            Disc.Read((FirstDescriptor + i) * SectorBytes, sector);
            bool isDescriptor = sector.AsSpan(1, 5).SequenceEqual("CD001"u8);
            if (!isDescriptor || sector[0] == Terminator) break;
            if (sector[0] == Primary) primary ??= [.. sector];
            else if (sector[0] == Supplementary && IsJoliet(sector)) joliet ??= [.. sector];
        }
        if (primary is null)
            throw new VolumeDamagedException("there is no primary volume descriptor");
        Use(primary, NameStyle.Plain);
        if (HasRockRidge()) Names = NameStyle.RockRidge;
        else if (joliet is not null) Use(joliet, NameStyle.Joliet);
        new DirectoryCheck(this).Enter(Root);
    }

    /// <summary>Escape sequences of the three levels of UCS-2 (Joliet, "SVD").</summary>
    private static bool IsJoliet(byte[] descriptor) =>
        descriptor[EscapeAt] == '%' && descriptor[EscapeAt + 1] == '/'
        && descriptor[EscapeAt + 2] is (byte)'@' or (byte)'C' or (byte)'E';

    private void Use(byte[] descriptor, NameStyle names)
    {
        int blockBytes = BinaryPrimitives.ReadUInt16LittleEndian(descriptor.AsSpan(BlockSizeAt));
        if (blockBytes != SectorBytes)
            throw new VolumeDamagedException($"its blocks have {blockBytes} bytes instead of 2048");
        uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.AsSpan(BlocksAt));
        LengthBytes = Math.Min((ulong)blocks * SectorBytes, Disc.LengthBytes);
        DirectoryRecord root = DirectoryRecord.Parse(descriptor.AsSpan(RootAt, 34), 0)
            ?? throw new VolumeDamagedException("its descriptor has no root directory");
        Root = new IsoDirectory(root.FirstByte, root.LengthBytes);
        Root.RequireInside(Disc);
        Names = names;
    }

    private bool HasRockRidge()
    {
        DirectoryRecord? self = DirectoryRecord.Read(Disc, Root.FirstByte);
        if (self is null) return false;
        SystemUse use = SystemUse.Read(Disc, self.SystemUse, skippedBytes: 0);
        SkippedBytes = use.SkippedBytes ?? 0;
        return use.SkippedBytes is not null && use.IsRockRidge;
    }
}
