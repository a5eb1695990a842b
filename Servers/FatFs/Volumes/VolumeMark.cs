// What a volume says of itself between mounts: that it was left clean, and FSInfo.
//
// Rules: written past the cache. The dirty mark is on the disk before anything else is written, and
// goes when everything is. FSInfo is a hint and may be old after a power cut (FAT p. 21 and 22).

using System;
using System.Buffers.Binary;
using Servers.FatFs.Caching;
using Shared.Fat;
using Shared.Sdk.Disks;

namespace Servers.FatFs.Volumes;

internal sealed class VolumeMark(FatLayout layout, IDisk disk, WriteBack writeBack)
{
    private const byte DirtyBit = 1;
    private const uint LeadSignature = 0x4161_5252, StructSignature = 0x6141_7272;
    private const uint TrailSignature = 0xAA55_0000;
    private const int StructAt = 484, FreeAt = 488, NextAt = 492, TrailAt = 508;
    private const uint Unknown = 0xFFFF_FFFF;

    public bool IsDirty { get; private set; }

    /// <summary>Reads the mark.</summary>
    public void Load() => IsDirty = (ReadBoot()[layout.StateOffset] & DirtyBit) != 0;

    /// <summary>On the disk when this returns.</summary>
    public void SetDirty()
    {
        if (IsDirty) return;
        Write(DirtyBit);
        writeBack.Flush();
        IsDirty = true;
    }

    /// <summary>Everything else is on the disk before this.</summary>
    public void SetClean()
    {
        if (!IsDirty) return;
        writeBack.Flush();
        Write(0);
        writeBack.Flush();
        IsDirty = false;
    }

    /// <summary>Free clusters and where to look for one; null where FSInfo is not good.</summary>
    public (uint Free, uint Next)? ReadInfo()
    {
        if (layout.InfoSector == 0) return null;
        byte[] info = ReadInfoBlock();
        return (Word(info, FreeAt), Word(info, NextAt));
    }

    public void WriteInfo(uint? free, uint next)
    {
        if (layout.InfoSector == 0) return;
        byte[] info = ReadInfoBlock();
        bool isOurs = Word(info, 0) == LeadSignature && Word(info, StructAt) == StructSignature
            && Word(info, TrailAt) == TrailSignature;
        bool isSame = Word(info, FreeAt) == (free ?? Unknown) && Word(info, NextAt) == next;
        if (!isOurs || isSame) return;
        BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(FreeAt), free ?? Unknown);
        BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(NextAt), next);
        writeBack.WriteDirectly(InfoBlock, info);
    }

    private ulong InfoBlock =>
        (ulong)layout.InfoSector * layout.SectorBytes / disk.Geometry.BlockBytes;

    private byte[] ReadBoot()
    {
        byte[] boot = new byte[disk.Geometry.BlockBytes];
        disk.Read(0, boot);
        return boot;
    }

    private void Write(byte mark)
    {
        byte[] boot = ReadBoot();
        ref byte state = ref boot[layout.StateOffset];
        state = (byte)(state & ~DirtyBit | mark);
        writeBack.WriteDirectly(0, boot);
    }

    private byte[] ReadInfoBlock()
    {
        byte[] info = new byte[disk.Geometry.BlockBytes];
        disk.Read(InfoBlock, info);
        return info;
    }

    private static uint Word(byte[] bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));
}
