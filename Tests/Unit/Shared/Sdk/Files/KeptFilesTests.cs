// Files that are opened again without a call, and that nobody can tell from those that are not.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Unit.Shared.Sdk.Files;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KeptFilesTests
{
    private const OpenMode Both = OpenMode.Read | OpenMode.Write | OpenMode.Create;

    private readonly CountedMount _mount = new();
    private int _asked;
    private FileApi Files => _mount.Files;

    [Test]
    public void Path_that_is_opened_again_is_opened_four_times_and_watched_once()
    {
        Make("/f", "text");
        int before = _mount.Opens;
        for (int i = 0; i < 20; i++) Assert.That(ReadAll("/f"), Is.EqualTo("text"));
        Assert.That((_mount.Opens, _mount.Watches), Is.EqualTo((before + 4, 1)));
        _mount.Machine.Tick();
        Assert.That(ReadAll("/f"), Is.EqualTo("text"));
        Assert.That(_mount.Opens, Is.EqualTo(before + 5), "the kernel has closed it");
    }

    [Test]
    public void Whoever_has_it_open_has_it_alone()
    {
        Make("/f", "text");
        Warm("/f");
        int before = _mount.Opens;
        using RemoteFile first = Open("/f"), second = Open("/f");
        Assert.That(first.Handle, Is.Not.EqualTo(second.Handle));
        Assert.That(_mount.Opens, Is.EqualTo(before + 1));
        first.Offset = 2;
        Assert.That(second.Offset, Is.Zero);
    }

    [Test]
    public void Path_that_leads_elsewhere_is_opened_anew_whoever_has_changed_it()
    {
        using FileApi other = _mount.NewClient();
        Make("/f", "one");
        Warm("/f");
        Make("/g", "two");
        Assert.That(other.Rename("/g", "/f"), Is.EqualTo(Status.Ok));
        Assert.That(ReadAll("/f"), Is.EqualTo("two"));
        Warm("/f");
        Assert.That(other.RemoveFile("/f"), Is.EqualTo(Status.Ok));
        Assert.That(Files.Open("/f", OpenMode.Read).Status, Is.EqualTo(Status.NotFound));
        Assert.That(other.MakeDirectory("/f"), Is.EqualTo(Status.Ok));
        Assert.That(Files.Open("/f", OpenMode.Read).Status, Is.EqualTo(Status.IsDirectory));
    }

    [Test]
    public void Directory_that_is_moved_takes_its_paths_along()
    {
        using FileApi other = _mount.NewClient();
        Files.MakeDirectory("/d");
        Make("/d/f", "one");
        Warm("/d/f");
        Assert.That(other.Rename("/d", "/e"), Is.EqualTo(Status.Ok));
        Assert.That(Files.Open("/d/f", OpenMode.Read).Status, Is.EqualTo(Status.NotFound));
        Assert.That(ReadAll("/e/f"), Is.EqualTo("one"));
    }

    [Test]
    public void File_that_its_own_program_removes_or_replaces_is_not_held()
    {
        Make("/f", "one");
        Warm("/f");
        Assert.That(_mount.Live, Is.EqualTo(1), "kept");
        Assert.That(Files.RemoveFile("/f"), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Live, Is.Zero);
        Make("/f", "one");
        Warm("/f");
        Make("/g", "two");
        Assert.That(Files.Rename("/g", "/f"), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Live, Is.Zero);
        Warm("/f");
        Assert.That(Files.RemoveFile("f"), Is.EqualTo(Status.Ok), "relative");
        Assert.That(_mount.Live, Is.Zero);
    }

    // Its path was given up and begun again while it was open: it had no words any more.
    [Test]
    public void File_that_is_open_while_its_path_is_forgotten_is_closed_as_any_other()
    {
        Make("/f", "one");
        Warm("/f");
        RemoteFile file = Open("/f");
        Assert.That(Files.RemoveFile("/f"), Is.EqualTo(Status.Ok));
        Make("/f", "two");
        // So many that it has the place again that it had.
        foreach (string path in new[] { "/a", "/b", "/c", "/f" }) Open(path).Dispose();
        file.Dispose();
        Assert.That(_mount.Live, Is.Zero);
        for (int i = 0; i < 6; i++) Open("/f").Dispose();
        Assert.That(ReadAll("/f"), Is.EqualTo("two"));
    }

    [Test]
    public void Another_process_that_serves_is_asked_anew()
    {
        Make("/f", "text");
        Warm("/f");
        int before = _mount.Opens;
        _mount.Words.NoteServer();
        Assert.That(ReadAll("/f"), Is.EqualTo("text"));
        Assert.That(_mount.Opens, Is.EqualTo(before + 1));
    }

    [Test]
    public void Lock_goes_with_the_close_and_is_nobodys_when_the_file_is_had_back()
    {
        using FileApi other = _mount.NewClient();
        Make("/f", "text");
        Warm("/f");
        RemoteFile file = Open("/f");
        Assert.That(file.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok));
        file.Dispose();
        using RemoteFile theirs = other.Open("/f", Both).Value;
        Assert.That(theirs.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok));
        Assert.That(theirs.Lock(LockMode.None), Is.EqualTo(Status.Ok));
        // Who has given it up himself may keep the file.
        RemoteFile again = Open("/f");
        again.Lock(LockMode.Shared);
        again.Lock(LockMode.None);
        again.Dispose();
        int before = _mount.Opens;
        Open("/f").Dispose();
        Assert.That(_mount.Opens, Is.EqualTo(before));
    }

    [TestCase(OpenMode.Write | OpenMode.Truncate)]
    [TestCase(OpenMode.Write | OpenMode.Create | OpenMode.Exclusive)]
    public void Mode_that_does_something_is_never_kept(OpenMode mode)
    {
        for (int i = 0; i < 6; i++)
        {
            Make("/f", "text");
            if (mode.HasFlag(OpenMode.Exclusive)) Files.RemoveFile("/f");
            using RemoteFile file = Files.Open("/f", mode).Value;
            Assert.That(file.Stat().Value.LengthBytes, Is.Zero);
        }
    }

    [Test]
    public void Modes_are_kept_apart()
    {
        Make("/f", "text");
        for (int i = 0; i < 6; i++)
        {
            using RemoteFile reader = Files.Open("/f", OpenMode.Read).Value;
            Assert.That(reader.Write("x"u8).Status, Is.EqualTo(Status.NoRight));
            using RemoteFile appender =
                Files.Open("/f", OpenMode.Write | OpenMode.Append).Value;
            Assert.That(appender.Write("+"u8).IsOk);
        }
        Assert.That(ReadAll("/f"), Is.EqualTo("text++++++"));
        Assert.That(_mount.Opens, Is.LessThan(12));
    }

    [Test]
    public void Relative_paths_follow_the_directory()
    {
        foreach (string name in new[] { "a", "b" })
        {
            Files.MakeDirectory($"/{name}");
            Make($"/{name}/f", name);
        }
        for (int i = 0; i < 12; i++)
        {
            string name = i % 2 == 0 ? "a" : "b";
            Files.Directory = CanonicalPath.Parse($"/{name}").Value;
            Assert.That(ReadAll("f"), Is.EqualTo(name));
        }
    }

    [Test]
    public void Opens_and_changes_of_names_at_random_answer_as_a_plain_map()
    {
        for (int seed = 0; seed < 30; seed++) PlayAtRandom(new Random(seed));
        Assert.That(_mount.Opens, Is.LessThan(_asked * 3 / 4));
    }

    private void PlayAtRandom(Random random)
    {
        using FileApi other = _mount.NewClient();
        string[] paths = ["/f", "/g", "/hh"];
        Dictionary<string, string> model = [];
        foreach (string path in paths) Files.RemoveFile(path);
        for (int step = 0; step < 500; step++)
        {
            FileApi changer = random.Next(2) == 0 ? other : Files;
            string path = paths[random.Next(3)], to = paths[random.Next(3)];
            switch (random.Next(60))
            {
                case 0:
                    Assert.That(
                        changer.RemoveFile(path) == Status.Ok, Is.EqualTo(model.Remove(path)));
                    break;
                case 1 when model.TryGetValue(path, out string? moved):
                    Assert.That(changer.Rename(path, to), Is.EqualTo(Status.Ok));
                    model.Remove(path);
                    model[to] = moved;
                    break;
                case 2 or 3:
                    model[path] = $"{step}";
                    Assert.That(
                        changer.WriteAll(path, Bytes(model[path])), Is.EqualTo(Status.Ok));
                    break;
                case 4: _mount.Machine.Tick(); break;
                case 5 when random.Next(3) == 0: _mount.Words.NoteServer(); break;
                default:
                    string? expected = model.GetValueOrDefault(path);
                    Assert.That(ReadAll(path), Is.EqualTo(expected), $"step {step}");
                    break;
            }
        }
    }

    [Test]
    public void Nothing_is_left_when_the_program_is_done_with_files()
    {
        Make("/f", "text");
        Warm("/f");
        RemoteFile file = Open("/f");
        Files.Dispose();
        file.Dispose();
        Assert.That(_mount.Live, Is.EqualTo(-1), "not even the mount's root");
    }

    private void Make(string path, string text) =>
        Assert.That(Files.WriteAll(path, Bytes(text)), Is.EqualTo(Status.Ok));

    private void Warm(string path)
    {
        for (int i = 0; i < 6; i++) Open(path).Dispose();
    }

    private RemoteFile Open(string path) => Files.Open(path, Both).Value;

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>Null: it cannot be opened.</summary>
    private string? ReadAll(string path)
    {
        _asked++;
        Result<byte[]> read = Files.ReadAll(path, 1_000);
        return read.IsOk ? System.Text.Encoding.UTF8.GetString(read.Value) : null;
    }
}
