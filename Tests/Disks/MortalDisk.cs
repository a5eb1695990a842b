// A disk at one of whose calls the server dies: before the call, or after it was done.

using System;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Tests.Disks;

/// <param name="death">What is thrown at the call, and at each one after it.</param>
/// <param name="dieAt">Number of the call, from 0; none if negative.</param>
internal sealed class MortalDisk(IDisk disk, int dieAt, bool isDone, Func<Exception> death) : IDisk
{
    public int Calls { get; private set; }
    public bool IsDead { get; private set; }
    public BlockGeometry Geometry => disk.Geometry;

    public void Read(ulong firstBlock, Span<byte> target)
    {
        bool isLast = Count();
        if (!isLast || isDone) disk.Read(firstBlock, target);
        if (isLast) throw death();
    }

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source)
    {
        bool isLast = Count();
        if (!isLast || isDone) disk.Write(firstBlock, source);
        if (isLast) throw death();
    }

    public void Flush()
    {
        bool isLast = Count();
        if (!isLast || isDone) disk.Flush();
        if (isLast) throw death();
    }

    private bool Count()
    {
        if (IsDead) throw death();
        if (Calls++ != dieAt) return false;
        IsDead = true;
        return true;
    }
}
