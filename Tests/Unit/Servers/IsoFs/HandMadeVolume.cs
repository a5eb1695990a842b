// An ISO 9660 volume with plain names that is put together record by record, right or wrong.

using System;
using System.Buffers.Binary;
using System.Text;
using Servers.IsoFs.Volumes;
using Tests.Disks;

namespace Tests.Unit.Servers.IsoFs;

internal sealed class HandMadeVolume
{
    public const uint RootSector = 18;
    private const byte Directory = 2;
    private const uint Sector = IsoVolume.SectorBytes;

    /// <param name="sectors">Of the disc; those that are not written take no memory.</param>
    public HandMadeVolume(ulong sectors = 64)
    {
        Disk = new SparseDisk(sectors * Sector, Sector);
        Disk.Poke(16 * Sector, [1, .. "CD001"u8, 1]);
        Disk.Poke(16 * Sector + 128, 0, 8);
        Disk.Poke(16 * Sector + 80, 0xFF, 0xFF, 0xFF, 0xFF);
        Disk.Poke(16 * Sector + 156, Record("\0", RootSector, Sector, Directory));
        Disk.Poke(17 * Sector, [255, .. "CD001"u8, 1]);
        AddDirectory(RootSector, RootSector);
    }

    public SparseDisk Disk { get; }

    /// <summary>A directory with its two own entries; others are added with Add.</summary>
    public void AddDirectory(uint sector, uint parent)
    {
        Disk.Poke(sector * Sector, Record("\0", sector, Sector, Directory));
        Disk.Poke(sector * Sector + 34, Record("\u0001", parent, Sector, Directory));
    }

    /// <summary>At a place within the directory; returns the place after it.</summary>
    public int Add(uint directory, int at, string name, uint sector, uint bytes, byte flags = 0)
    {
        byte[] record = Record(name, sector, bytes, flags);
        Disk.Poke(directory * Sector + (uint)at, record);
        return at + record.Length;
    }

    public int AddDirectoryEntry(uint directory, int at, string name, uint sector) =>
        Add(directory, at, name, sector, Sector, Directory);

    private static byte[] Record(string name, uint sector, uint bytes, byte flags)
    {
        byte[] record = new byte[33 + name.Length + (name.Length + 1) % 2];
        record[0] = (byte)record.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(2), sector);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(10), bytes);
        record[25] = flags;
        record[32] = (byte)name.Length;
        Encoding.Latin1.GetBytes(name).CopyTo(record, 33);
        return record;
    }
}
