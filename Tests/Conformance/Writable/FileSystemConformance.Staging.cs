// Writes that a program leaves in memory for the server, where that takes them: nobody can tell
// them from calls.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    /// <summary>A file that is staged, and how many writes were left.</summary>
    private sealed class Staging(StagingArea area, OpenObject file) : IDisposable
    {
        private int _count, _place;

        public OpenObject File => file;

        /// <summary>False: it has ended.</summary>
        public bool Leave(ulong offset, ReadOnlySpan<byte> bytes)
        {
            StagedWrite write = new(offset, _place, bytes.Length);
            if (!area.TryAdd(_count, write, bytes, nowNs: 1)) return false;
            _count++;
            _place += bytes.Length;
            return true;
        }

        public void Settle()
        {
            Assert.That(file.Calls.Settle(), Is.EqualTo(Status.Ok));
            _count = _place = 0;
        }

        public void Dispose()
        {
            area.Dispose();
            file.Dispose();
        }
    }

    /// <summary>Null where the server takes none.</summary>
    private Staging? Stage(OpenObject file)
    {
        Handle memory = _mount.Client.MemoryCreate(StagingArea.LengthBytes).Value;
        StagingArea area = StagingArea.Map(_mount.Client, memory).Value;
        Result<StagedFile> staged = file.Calls.Stage(new Capability(memory));
        _mount.Client.Close(memory);
        if (staged.Status == Status.NotSupported)
        {
            area.Dispose();
            Assert.That(file.Calls.Settle(), Is.EqualTo(Status.NotSupported));
            return null;
        }
        Assert.That(staged.Status, Is.EqualTo(Status.Ok));
        Assert.That(staged.Value.LengthBytes, Is.EqualTo(file.Calls.StatFile().Value.LengthBytes));
        return new Staging(area, new OpenObject(_mount.Client, staged.Value.File.Handle));
    }

    [Test]
    public void Staged_writes_are_seen_by_whoever_looks()
    {
        _mount.Make("f", "0123456789");
        using OpenObject file = _mount.Open("f", Both), other = _mount.Open("f", OpenMode.Read);
        if (Stage(file) is not { } staged) return;
        staged.Leave(10, "more"u8);
        Assert.That(_mount.Stat("f").LengthBytes, Is.EqualTo(14));
        staged.Leave(14, "and"u8);
        Assert.That(other.Calls.StatFile().Value.LengthBytes, Is.EqualTo(17));
        staged.Settle();
        staged.Leave(2, "ab"u8);
        staged.Leave(3, "cd"u8);
        Assert.That(other.ReadText(), Is.EqualTo("01acd56789moreand"));
        Assert.That(staged.Leave(0, "late"u8), Is.EqualTo(false));
        Assert.That(staged.File.Calls.Settle(), Is.EqualTo(Status.NotFound));
        Assert.That(other.ReadText(), Is.EqualTo("01acd56789moreand"));
        staged.Dispose();
    }

    [Test]
    public void Staged_writes_that_were_seen_have_changed_the_word_of_the_file()
    {
        _mount.Make("f", "0123456789");
        using OpenObject file = _mount.Open("f", Both);
        WatchedFile watched = file.Calls.Watch().Value;
        using SharedWords words = SharedWords.Map(
            _mount.Client, watched.Page.Handle, Rights.Read).Value;
        _mount.Client.Close(watched.Page.Handle);
        if (Stage(file) is not { } staged) return;
        ulong before = words.Read((int)watched.Word);
        staged.Leave(10, "more"u8);
        Assert.That(_mount.Stat("f").LengthBytes, Is.EqualTo(14));
        Assert.That(words.Read((int)watched.Word), Is.Not.EqualTo(before));
        staged.Dispose();
    }

    [Test]
    public void Staged_writes_come_before_a_call_that_changes_the_bytes()
    {
        _mount.Make("f", "0123456789");
        using OpenObject file = _mount.Open("f", Both), other = _mount.Open("f", Both);
        Action[] changes =
        [
            () => other.Write(0, "X"), () => file.Write(0, "X"),
            () => other.Calls.SetLength(5), () => other.Calls.Append("end"u8),
            () => _mount.Open("f", Writing | OpenMode.Truncate).Dispose(),
        ];
        string[] expected = ["X123ab6789", "X123ab6789", "0123a", "0123ab6789end", ""];
        for (int i = 0; i < changes.Length; i++)
        {
            file.Calls.SetLength(0);
            file.Write(0, "0123456789");
            if (Stage(file) is not { } staged) return;
            staged.Leave(4, "ab"u8);
            changes[i]();
            Assert.That(staged.Leave(0, "late"u8), Is.EqualTo(false));
            Assert.That(_mount.ReadText("f"), Is.EqualTo(expected[i]));
            staged.Dispose();
        }
    }

    [Test]
    public void Staged_writes_outlive_the_server_the_name_and_the_capability()
    {
        _mount.Make("f", "0123456789");
        using OpenObject file = _mount.Open("f", Both);
        if (Stage(file) is not { } staged) return;
        staged.Leave(0, "ab"u8);
        _mount.KillAndRestart();
        staged.Leave(2, "cd"u8);
        Assert.That(Root.Rename("f", "g"), Is.EqualTo(Status.Ok));
        staged.Leave(4, "ef"u8);
        staged.Settle();
        staged.Leave(6, "gh"u8);
        staged.Dispose();
        Assert.That(_mount.ReadText("g"), Is.EqualTo("abcdefgh89"));
    }
}
