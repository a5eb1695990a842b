// What may be in a span of user addresses. Page tables say what is.

using System;

namespace CosmosKernel.Memory;

[Flags]
public enum Protection : byte { None = 0, Read = 1, Write = 2, Execute = 4 }

public enum RegionKind : byte
{
    None = 0,
    /// <summary>Private memory, zero at first touch.</summary>
    Anonymous = 1,
    /// <summary>Below a stack: touching it is a stack overflow.</summary>
    Guard = 2,
    /// <summary>Private view of an image: its pages are shared until they are written.</summary>
    Image = 3,
    /// <summary>A Memory object, shared.</summary>
    Memory = 4,
    /// <summary>Device registers: not RAM, never cached.</summary>
    Device = 5,
    /// <summary>The vault of the process.</summary>
    Vault = 6,
}

/// <summary>A record of RegionPool. Page aligned; regions of one process do not overlap.</summary>
public struct Region
{
    public ulong First, End;
    /// <summary>Offset of First in the object (Image, Memory, Device, Vault).</summary>
    public ulong Offset;
    /// <summary>Image: first address that the file does not reach; zero from there on.</summary>
    public ulong FileEnd;
    /// <summary>Image, Memory, Device: the object, which this region keeps alive.</summary>
    public MemoryObject? Object;
    public Protection Protection;
    public RegionKind Kind;

    public readonly bool Contains(ulong address) => address >= First && address < End;

    public readonly bool CanMergeWith(in Region next) =>
        End == next.First && Kind == next.Kind && Protection == next.Protection
        && ReferenceEquals(Object, next.Object) && FileEnd == next.FileEnd
        && (Kind is RegionKind.Anonymous or RegionKind.Guard
            || Offset + (End - First) == next.Offset);
}

/// <summary>All region records of the machine, made at boot and shared by the processes.</summary>
public sealed class RegionPool
{
    private readonly Region[] _regions;
    private readonly ushort[] _free;
    private int _freeCount;

    public RegionPool(int count)
    {
        _regions = new Region[count];
        _free = new ushort[count];
        for (int i = count - 1; i >= 0; i--) _free[_freeCount++] = (ushort)i;
    }

    public int FreeCount => _freeCount;
    public int UsedCount => _regions.Length - _freeCount;

    public ref Region this[int index] => ref _regions[index];

    /// <summary>The caller has seen FreeCount.</summary>
    public ushort Take() => _free[--_freeCount];

    public void Release(ushort index)
    {
        _regions[index] = default;
        _free[_freeCount++] = index;
    }
}
