// Badges say what they stand for, and never come again; who holds what is known across deaths.

using System.Linq;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;
using Tests.Unit.Servers.MemFs.Vaults;

namespace Tests.Unit.Servers.MemFs;

public sealed class OpenObjectsTests
{
    private const OpenMode ReadAppend = OpenMode.Read | OpenMode.Append;
    private static readonly MemFsOptions Options = TestVault.Options(4);

    private HeapVaultMemory _memory = null!;
    private MemVault _vault = null!;
    private MemTree _tree = null!;
    private Node _file;

    [SetUp]
    public void MakeFile()
    {
        _memory = TestVault.Memory(4);
        Open();
        _tree.MakeFile(_tree.Root, "f", out _file);
        _vault.Publish();
    }

    /// <summary>The next incarnation over the same vault.</summary>
    private void Open()
    {
        _vault = new MemVault(_memory, Options);
        _tree = new MemTree(_vault, () => 1);
    }

    [Test]
    public void Root_is_there_for_ever()
    {
        Assert.That(_tree.Objects.TryFind(new Badge(1), out OpenObject found), Is.True);
        Assert.That(found.Node, Is.EqualTo(_tree.Root));
        Assert.That(_tree.Objects.TryClose(OpenObjects.RootBadge, out _), Is.False);
    }

    [Test]
    public void Badge_says_node_and_mode_to_every_incarnation_without_a_store()
    {
        ulong before = Checksum.Of(Words());
        Badge badge = _tree.Objects.NextBadge(_file, ReadAppend | OpenMode.Create);
        _tree.Objects.Opened(_file);
        _vault.Commit();
        Assert.That(Checksum.Of(Words()), Is.EqualTo(before));
        Open();
        Assert.That(_tree.Objects.TryFind(badge, out OpenObject found), Is.True);
        Assert.That(found.Node.Name, Is.EqualTo("f"));
        Assert.That(found.Mode, Is.EqualTo(ReadAppend));
    }

    private ulong[] Words() =>
        [.. Enumerable.Range(0, 1024).Select(word => _memory.Load((ulong)word * 8))];

    [Test]
    public void Badge_is_never_given_again_whoever_has_died()
    {
        Badge last = OpenObjects.RootBadge;
        for (int life = 0; life < 5; life++)
        {
            for (int i = 0; i < 40_000; i++)
            {
                Badge next = _tree.Objects.NextBadge(_file, OpenMode.Read);
                Assert.That(next.Value, Is.GreaterThan(last.Value));
                last = next;
                _vault.Commit();
            }
            Open();
            _file = _tree.FindLinked(_file.Key)!.Value;
        }
    }

    [Test]
    public void Badge_of_a_deleted_node_stands_for_nothing_when_its_record_is_used_again()
    {
        Badge old = _tree.Objects.NextBadge(_file, OpenMode.Read);
        _tree.RemoveFile(_tree.Root, "f");
        _vault.Commit();
        Assert.That(_tree.Objects.TryFind(old, out _), Is.False);
        _tree.MakeFile(_tree.Root, "g", out Node other);
        _vault.Commit();
        Assert.That(other.Slot, Is.EqualTo(_file.Slot));
        Assert.That(_tree.Objects.TryFind(old, out _), Is.False);
        Assert.That(_tree.Objects.TryClose(old, out _), Is.False);
    }

    [TestCase(ulong.MaxValue), TestCase(0UL), TestCase(1UL << 63), TestCase(3UL << 44 | 5)]
    public void Badge_of_no_record_stands_for_nothing(ulong badge)
    {
        Assert.That(_tree.Objects.TryFind(new Badge(badge), out _), Is.False);
        Assert.That(_tree.Objects.TryClose(new Badge(badge), out _), Is.False);
    }

    [Test]
    public void Number_of_a_file_stays_and_that_of_the_next_is_greater()
    {
        ulong number = _file.Number;
        Open();
        Assert.That(_tree.Find(_tree.Root, "f", out Node found), Is.EqualTo(Status.Ok));
        Assert.That(found.Number, Is.EqualTo(number));
        _tree.MakeFile(_tree.Root, "g", out Node next);
        Assert.That(next.Number, Is.GreaterThan(number));
    }

    [Test]
    public void Lock_is_the_badges_own_and_outlives_its_incarnation()
    {
        Badge first = Locked(LockMode.Shared, out Status status);
        Assert.That(status, Is.EqualTo(Status.Ok));
        Locked(LockMode.Shared, out status);
        Assert.That(status, Is.EqualTo(Status.Ok));
        _vault.Commit();
        Open();
        _file = _tree.FindLinked(_file.Key)!.Value;
        Locked(LockMode.Exclusive, out status);
        Assert.That(status, Is.EqualTo(Status.Locked));
        Assert.That(_tree.Objects.Locks.Count(), Is.EqualTo(2));
        Assert.That(_tree.Objects.TryClose(first, out _));
        _vault.Commit();
        Assert.That(_tree.Objects.Locks.Count(), Is.EqualTo(1));
        new VaultCheck(_vault, _tree).Run();
    }

    private Badge Locked(LockMode mode, out Status status)
    {
        Badge badge = _tree.Objects.NextBadge(_file, OpenMode.Read);
        _tree.Objects.Opened(_file);
        status = _tree.Objects.SetLock(badge, _file, mode);
        return badge;
    }

    [Test]
    public void Locks_are_taken_away_in_any_order_and_more_than_there_is_room_are_refused()
    {
        Badge[] badges = [.. Enumerable.Range(0, VaultLayout.MaxLocks).Select(_ =>
        {
            Badge badge = Locked(LockMode.Shared, out Status status);
            Assert.That(status, Is.EqualTo(Status.Ok));
            _vault.Commit();
            return badge;
        })];
        Locked(LockMode.Shared, out Status full);
        Assert.That(full, Is.EqualTo(Status.QuotaExceeded));
        Open();
        _file = _tree.FindLinked(_file.Key)!.Value;
        for (int i = 0; i < badges.Length; i++)
        {
            // 7 and their number have no common divisor.
            Assert.That(_tree.Objects.TryClose(badges[i * 7 % badges.Length], out _));
            _vault.Commit();
            if (i % 512 == 0) new VaultCheck(_vault, _tree).Run();
        }
        Assert.That(_file.Locks.IsNone);
        Assert.That(_tree.Objects.Locks, Is.Empty);
    }

    /// <summary>A mount with a client, over the vault of this test.</summary>
    private sealed class Mount
    {
        private readonly LoopbackMachine _machine = new();
        private readonly HeapVaultMemory _memory;
        private readonly LoopbackServer _server;

        public Mount(HeapVaultMemory memory)
        {
            _memory = memory;
            _server = _machine.Serve("memfs", Make);
            Client = _machine.CreateTask("client");
            Root = new FileSystemClient(Client, _server.Connect(Client, OpenObjects.RootBadge));
        }

        public LoopbackKernel Client { get; }
        public FileSystemClient Root { get; }
        public ulong UsedBytes => Root.DescribeVolume().Value.UsedBytes;

        public FileSystemClient Open(string path)
        {
            OpenedFile opened = Root.Open(
                path, OpenMode.Read | OpenMode.Write | OpenMode.Create).Value;
            return new FileSystemClient(Client, opened.File.Handle);
        }

        public void Restart() => _server.Restart(Make);

        private MemFsServer Make(TaskContext task)
        {
            MemFsServer server = new(Options, () => 1, new MemVault(_memory, Options));
            server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
            return server;
        }
    }

    [Test]
    public void File_that_is_deleted_by_the_next_incarnation_stays_for_its_holders()
    {
        Mount mount = new(TestVault.Memory(4));
        FileSystemClient first = mount.Open("x"), second = mount.Open("x");
        first.Write(0, [1, 2, 3]);
        mount.Restart();
        Assert.That(mount.Root.RemoveFile("x"), Is.EqualTo(Status.Ok));
        Assert.That(first.Read(0, new byte[8]).Value, Is.EqualTo(3));
        mount.Client.Close(first.Endpoint);
        Assert.That(second.Read(0, new byte[8]).Value, Is.EqualTo(3));
        mount.Restart();
        Assert.That(second.Read(0, new byte[8]).Value, Is.EqualTo(3));
        mount.Client.Close(second.Endpoint);
        Assert.That(mount.UsedBytes, Is.Zero);
        Assert.That(mount.Root.DescribeVolume().Value.Files, Is.EqualTo(1));
    }

    [Test]
    public void File_that_nobody_holds_any_more_goes_at_once_also_after_a_death()
    {
        Mount mount = new(TestVault.Memory(4));
        FileSystemClient file = mount.Open("x"), other = mount.Open("y");
        file.Write(0, [1, 2, 3]);
        mount.Client.Close(file.Endpoint);
        mount.Restart();
        Assert.That(mount.Root.RemoveFile("x"), Is.EqualTo(Status.Ok));
        Assert.That(mount.UsedBytes, Is.Zero);
        mount.Client.Close(other.Endpoint);
    }
}
