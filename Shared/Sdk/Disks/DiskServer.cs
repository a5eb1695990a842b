// The part that all disk drivers have in common: which blocks a capability stands for, checks, and
// the way of the bytes between the caller and the device's buffer.
//
// Rules: one request at a time; no reply before the device has answered; a badge of a disk or
// partition that is not there is NotFound, and stays so until the next incarnation.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Tasks;

namespace Shared.Sdk.Disks;

/// <param name="units">By unit number; null where no disk is.</param>
/// <param name="quiet">The device's interrupt came with no request in hand.</param>
public sealed class DiskServer(IReadOnlyList<IDiskUnit?> units, Action quiet)
    : IServer, IBlockDeviceHandler, IDiskDriverHandler
{
    private readonly PartitionTable?[] _tables = new PartitionTable?[units.Count];

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request)
    {
        if (request.Badge == DiskBadge.List) DiskDriverDispatcher.Dispatch(this, request);
        else BlockDeviceDispatcher.Dispatch(this, request);
    }

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
        if (InterruptWait.IsMine(bits)) quiet();
    }

    public void DeadlineReached()
    {
    }

    public Result<BlockGeometry> Describe(Request request)
    {
        Status status = Find(request, out DiskView view);
        return status == Status.Ok ? view.Geometry : status;
    }

    public Status Read(Request request, ulong firstBlock, WriteLease target)
    {
        Status status = Find(request, out DiskView view);
        if (status == Status.Ok) status = view.Place(ref firstBlock, target.LengthBytes);
        if (status != Status.Ok) return status;
        int lengthBytes = (int)target.LengthBytes;
        status = view.Unit.Read(firstBlock, lengthBytes);
        return status == Status.Ok
            ? target.CopyFrom(0, view.Unit.Buffer[..lengthBytes])
            : status;
    }

    public Status Write(Request request, ulong firstBlock, ReadLease source)
    {
        Status status = Find(request, out DiskView view);
        if (status == Status.Ok) status = view.Place(ref firstBlock, source.LengthBytes);
        if (status == Status.Ok && view.IsReadOnly) status = Status.ReadOnly;
        if (status != Status.Ok) return status;
        int lengthBytes = (int)source.LengthBytes;
        status = source.CopyTo(0, view.Unit.Buffer[..lengthBytes]);
        return status == Status.Ok ? view.Unit.Write(firstBlock, lengthBytes) : status;
    }

    public Status Flush(Request request)
    {
        Status status = Find(request, out DiskView view);
        if (status != Status.Ok) return status;
        return view.IsReadOnly ? Status.Ok : view.Unit.Flush();
    }

    public Status Discard(Request request, ulong firstBlock, ulong blocks) => Status.NotSupported;

    public Result<DiskDescription> DescribeDisk(
        Request request, uint unit, uint partition, WriteLease model)
    {
        if (unit >= units.Count) return Status.BadArgument;
        if (units[(int)unit] is not { } disk) return Status.NotFound;
        if (TableOf((int)unit) is not { } table) return Status.IoError;
        DiskDescription description = new() { Geometry = disk.Geometry, Scheme = table.Scheme };
        foreach (Partition one in table.Partitions)
        {
            description.Partitions = Math.Max(description.Partitions, one.Number);
        }
        if (partition != 0)
        {
            if (table.Find(partition) is not { } found) return Status.NotFound;
            description.Geometry.Blocks = found.Blocks;
            return description;
        }
        byte[] text = Encoding.UTF8.GetBytes(disk.Model);
        description.ModelBytes = (uint)TextCut.Utf8(text, (int)Math.Min(model.LengthBytes, 256));
        Status status = model.CopyFrom(0, text.AsSpan(0, (int)description.ModelBytes));
        return status == Status.Ok ? description : status;
    }

    private Status Find(Request request, out DiskView view)
    {
        view = default;
        if (DiskBadge.Of(request.Badge) is not { } badge) return Status.NoRight;
        if (badge.Unit >= units.Count || units[(int)badge.Unit] is not { } unit)
            return Status.NotFound;
        view = new DiskView(unit, 0, unit.Geometry.Blocks);
        if (badge.Partition == 0) return Status.Ok;
        if (TableOf((int)badge.Unit) is not { } table) return Status.IoError;
        if (table.Find(badge.Partition) is not { } partition) return Status.NotFound;
        view = new DiskView(unit, partition.FirstBlock, partition.Blocks);
        return Status.Ok;
    }

    /// <summary>Read when it is first needed; again when that failed.</summary>
    private PartitionTable? TableOf(int unit) => _tables[unit] ??=
        PartitionReader.Read(units[unit]!.Geometry, (ulong first, Span<byte> target) =>
        {
            if (units[unit]!.Read(first, target.Length) != Status.Ok) return false;
            units[unit]!.Buffer[..target.Length].CopyTo(target);
            return true;
        });
}
