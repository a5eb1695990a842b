// The cases of a read-only mount that has files.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Tests.Conformance.Writable;

namespace Tests.Conformance;

public abstract class ReadOnlyFilesConformance : ReadOnlyConformance
{
    /// <summary>A file that can be read and is not empty.</summary>
    protected abstract string File { get; }

    [Test]
    public void File_is_read_in_any_pieces()
    {
        using OpenObject file = OpenFile();
        byte[] all = file.ReadAll();
        Assert.That(all, Is.Not.Empty);
        List<byte> pieces = [];
        byte[] piece = new byte[7];
        while (file.Calls.Read((ulong)pieces.Count, piece) is { Value: > 0 } read)
        {
            pieces.AddRange(piece.AsSpan(0, (int)read.Value));
        }
        Assert.That(pieces, Is.EqualTo(all));
        Assert.That(file.Calls.Read(ulong.MaxValue, piece).Value, Is.Zero);
    }

    [Test]
    public void File_cannot_be_written()
    {
        Assert.That(Root.Open(File, OpenMode.Write).Status, Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.RemoveFile(File), Is.EqualTo(Status.ReadOnly));
        const OpenMode making = OpenMode.Read | OpenMode.Create;
        Assert.That(Root.Open(File, making).Status, Is.EqualTo(Status.Ok));
        using OpenObject file = OpenFile();
        Status[] refused = [Status.ReadOnly, Status.NoRight];
        Assert.That(refused, Does.Contain(file.Calls.Write(0, "x"u8).Status));
        Assert.That(refused, Does.Contain(file.Calls.Append("x"u8).Status));
        Assert.That(refused, Does.Contain(file.Calls.SetLength(0)));
    }

    [Test]
    public void Opening_and_closing_files_leaves_nothing_behind()
    {
        OpenFile().Dispose();
        int before = Mounted.Machine.CountCapabilities(Mounted.Server.Kernel);
        for (int i = 0; i < 100; i++) OpenFile().Dispose();
        Assert.That(Mounted.Machine.CountCapabilities(Mounted.Server.Kernel), Is.EqualTo(before));
    }

    private OpenObject OpenFile() => Mounted.Open(File, OpenMode.Read);
}
