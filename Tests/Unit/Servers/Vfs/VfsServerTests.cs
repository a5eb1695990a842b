// When Vfs asks the supervisor, and what it answers while the supervisor is silent.

using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.Vfs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.Vfs;

public sealed class VfsServerTests
{
    private const Rights PageRights = Rights.Read | Rights.Write;

    private LoopbackMachine _machine = null!;
    private HeapVaultMemory _memory = null!;
    private MountKeeper _keeper = null!;
    private LoopbackServer _supervisor = null!;
    private LoopbackServer _vfs = null!;
    private LoopbackKernel _client = null!;
    private VfsClient _calls = null!;
    /// <summary>That of MountWords, in tests that have one.</summary>
    private Handle _page;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _memory = new HeapVaultMemory(VfsVault.VaultBytes);
        _page = default;
        _keeper = new MountKeeper();
        _supervisor = _machine.Serve("supervisor", _keeper);
        _keeper.Kernel = _supervisor.Kernel;
        _keeper.Add(1, "/");
        _keeper.Add(2, "/mnt");
        _vfs = _machine.Serve("vfs", MakeVfs);
        _client = _machine.CreateTask("client");
        _calls = new VfsClient(_client, _vfs.Connect(_client));
    }

    [TestCase("/", 1u, 1u)]
    [TestCase("/a", 1u, 1u)]
    [TestCase("/mnt", 2u, 4u)]
    [TestCase("/mnt/a/b", 2u, 5u)]
    public void Path_is_resolved_to_a_copy_of_the_root(string path, uint id, uint rest)
    {
        Result<Resolved> resolved = _calls.Resolve(path);
        Assert.That(resolved.Status, Is.EqualTo(Status.Ok));
        Assert.That(resolved.Value.MountId, Is.EqualTo(id));
        Assert.That(resolved.Value.RestOffset, Is.EqualTo(rest));
        Result<HandleDescription> root = _client.DescribeHandle(resolved.Value.Root.Handle);
        Assert.That(root.Value.Type, Is.EqualTo(ObjectType.Endpoint));
        Assert.That(root.Value.Badge, Is.EqualTo(new Badge(1)));
    }

    [TestCase("")]
    [TestCase("a")]
    [TestCase("//")]
    [TestCase("/a/")]
    [TestCase("/a/../b")]
    public void Path_that_is_not_canonical_is_InvalidName(string path) =>
        Assert.That(_calls.Resolve(path).Status, Is.EqualTo(Status.InvalidName));

    [Test]
    public void Root_for_whoever_may_only_look_is_for_looking_whatever_dies()
    {
        const Rights reading = Rights.Use & ~Rights.Write;
        VfsClient narrow = new(_client, _vfs.Connect(_client, rights: reading));
        Assert.That(RightsOfRoot(narrow), Is.EqualTo(reading));
        Assert.That(RightsOfRoot(_calls), Is.EqualTo(Rights.Use));
        int before = _machine.CountCapabilities(_vfs.Kernel);
        for (int i = 0; i < 10; i++) Assert.That(RightsOfRoot(narrow), Is.EqualTo(reading));
        Assert.That(_machine.CountCapabilities(_vfs.Kernel), Is.EqualTo(before));
        _vfs.Kill();
        _vfs.Restart(MakeVfs);
        Assert.That(RightsOfRoot(narrow), Is.EqualTo(reading));
    }

    private Rights RightsOfRoot(VfsClient calls)
    {
        Handle root = calls.Resolve("/mnt/a").Value.Root.Handle;
        Rights rights = _client.DescribeHandle(root).Value.Rights;
        _client.Close(root);
        return rights;
    }

    [Test]
    public void New_mount_is_seen_when_the_supervisor_signals()
    {
        ulong before = _calls.Version().Value;
        _machine.Advance(1_000);
        _keeper.Add(3, "/mnt/deep");
        _vfs.Signal(ControlBits.Changed);
        Assert.That(_calls.Resolve("/mnt/deep").Value.MountId, Is.EqualTo(3));
        Assert.That(_calls.Version().Value, Is.Not.EqualTo(before));
    }

    [Test]
    public void Words_tell_the_version_but_for_changes_that_Vfs_has_not_seen()
    {
        MountWords words = StartWithWords();
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.Zero);
        _machine.Advance(1_000);
        _keeper.Add(3, "/new");
        words.NoteChange();
        Assert.That(words.Version, Is.Zero);
        _keeper.Silence = Status.PeerDied;
        _vfs.Signal(ControlBits.Changed);
        Assert.That(words.Version, Is.Zero);
        _keeper.Silence = Status.Ok;
        _machine.Advance(600_000_000);
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.Zero);
        words.NoteChange();
        _vfs.Signal(ControlBits.Changed);
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.Zero);
    }

    [Test]
    public void Change_that_only_words_have_told_is_in_every_answer()
    {
        MountWords words = StartWithWords();
        ulong before = _calls.Version().Value;
        _machine.Advance(1_000);
        _keeper.Add(3, "/mnt/deep");
        words.NoteChange();
        Assert.That(_calls.Resolve("/mnt/deep").Value.MountId, Is.EqualTo(3));
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.EqualTo(before));
        _machine.Advance(1_000);
        before = words.Version;
        _keeper.Revoke(3);
        words.NoteChange();
        Assert.That(words.Version, Is.Zero);
        Assert.That(_calls.Version().Value, Is.Not.EqualTo(before));
        _keeper.Add(4, "/new");
        words.NoteChange();
        byte[] targets = new byte[100];
        uint length = _calls.List(targets).Value.LengthBytes;
        Assert.That(Encoding.UTF8.GetString(targets, 0, (int)length), Does.Contain("/new"));
    }

    /// <summary>One that tried itself and did not pass; what it has seen, it has seen.</summary>
    [Test]
    public void Change_that_another_version_of_Vfs_has_seen_is_seen_by_this_one_too()
    {
        MountWords words = StartWithWords();
        _machine.Advance(1_000);
        _keeper.Add(3, "/new");
        words.NoteChange();
        words.CatchUp(words.Changes);
        Assert.That(_calls.Resolve("/new").Value.MountId, Is.EqualTo(3));
    }

    [Test]
    public void Silent_supervisor_is_not_asked_for_a_change_by_everybody_who_comes()
    {
        MountWords words = StartWithWords();
        _keeper.Add(3, "/new");
        words.NoteChange();
        _keeper.Silence = Status.TimedOut;
        int before = _keeper.Asked;
        for (int i = 0; i < 5; i++)
        {
            Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(2));
            Assert.That(_calls.Version().Status, Is.EqualTo(Status.Ok));
        }
        Assert.That(_keeper.Asked, Is.EqualTo(before + 1));
    }

    [Test]
    public void Words_go_on_while_Vfs_is_dead_and_are_the_next_ones_then()
    {
        MountWords words = StartWithWords();
        ulong before = words.Version;
        _machine.Advance(1_000);
        _vfs.Kill();
        Assert.That(words.Version, Is.EqualTo(before));
        _vfs.Restart(MakeVfs);
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.EqualTo(before));
    }

    // Another version has tried itself, and did not pass.
    [Test]
    public void Words_of_somebody_else_are_put_right_when_Vfs_is_asked()
    {
        MountWords words = StartWithWords();
        ulong own = words.Version;
        words.Publish(own + 1);
        Assert.That(_calls.Version().Value, Is.EqualTo(own));
        Assert.That(words.Version, Is.EqualTo(own));
    }

    [Test]
    public void Root_that_turns_out_revoked_is_another_version()
    {
        MountWords words = StartWithWords();
        ulong before = words.Version;
        _machine.Advance(1_000);
        _keeper.RevokeOnly(2);
        _calls.Resolve("/mnt/a");
        Assert.That(words.Version, Is.EqualTo(_calls.Version().Value).And.Not.EqualTo(before));
    }

    [Test]
    public void Page_of_the_words_is_for_reading()
    {
        StartWithWords();
        Handle page = _calls.List(new byte[100]).Value.Page.Handle;
        Assert.That(
            _client.DescribeHandle(page).Value.Rights & PageRights, Is.EqualTo(Rights.Read));
        Assert.That(MountWords.Map(_client, page, PageRights), Is.Null);
        _client.Close(page);
    }

    /// <summary>As the supervisor has mapped them.</summary>
    private MountWords StartWithWords()
    {
        _page = _supervisor.Kernel.MemoryCreate(Limits.PageBytes).Value;
        _vfs.Restart(MakeVfs);
        return MountWords.Map(_supervisor.Kernel, _page, PageRights)!;
    }

    [Test]
    public void Version_stays_while_the_mounts_do()
    {
        ulong before = _calls.Version().Value;
        _machine.Advance(1_000);
        _vfs.Signal(ControlBits.Changed);
        Assert.That(_calls.Version().Value, Is.EqualTo(before));
    }

    [Test]
    public void Revoked_mount_is_gone_although_nobody_has_signalled()
    {
        _keeper.Revoke(2);
        Result<Resolved> resolved = _calls.Resolve("/mnt/a");
        Assert.That(resolved.Value.MountId, Is.EqualTo(1));
        Assert.That(resolved.Value.RestOffset, Is.EqualTo(1));
    }

    [Test]
    public void Mount_that_the_supervisor_still_lists_is_gone_when_it_is_revoked()
    {
        _keeper.RevokeOnly(2);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(1));
    }

    [Test]
    public void Mount_made_again_is_another_mount()
    {
        ulong before = _calls.Version().Value;
        _machine.Advance(1_000);
        _keeper.Revoke(2);
        _keeper.Add(9, "/mnt");
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(9));
        Assert.That(_calls.Version().Value, Is.Not.EqualTo(before));
    }

    [Test]
    public void Silent_supervisor_leaves_what_is_known_and_is_asked_again_later()
    {
        _keeper.Add(3, "/new");
        _keeper.Silence = Status.PeerDied;
        _vfs.Signal(ControlBits.Changed);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(2));
        Assert.That(_calls.Resolve("/new").Value.MountId, Is.EqualTo(1));
        _keeper.Silence = Status.Ok;
        _machine.Advance(600_000_000);
        Assert.That(_calls.Resolve("/new").Value.MountId, Is.EqualTo(3));
    }

    [Test]
    public void Revoked_root_is_not_handed_out_while_the_supervisor_is_silent()
    {
        _keeper.Silence = Status.PeerDied;
        _vfs.Signal(ControlBits.Changed);
        _keeper.Revoke(2);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(1));
        _keeper.Revoke(1);
        Assert.That(_calls.Resolve("/mnt/a").Status, Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Vfs_that_has_never_heard_the_supervisor_does_not_say_NotFound()
    {
        _keeper.Silence = Status.TimedOut;
        _vfs.Kill();
        _memory = new HeapVaultMemory(VfsVault.VaultBytes);
        _vfs.Restart(MakeVfs);
        Assert.That(_calls.Resolve("/mnt/a").Status, Is.EqualTo(Status.TimedOut));
        _keeper.Silence = Status.Ok;
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(2));
    }

    [Test]
    public void Restarted_Vfs_knows_all_mounts()
    {
        _vfs.Kill();
        _vfs.Restart(MakeVfs);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(2));
    }

    [Test]
    public void Restarted_Vfs_answers_while_the_supervisor_is_silent()
    {
        _keeper.Silence = Status.TimedOut;
        for (int i = 0; i < 3; i++) _vfs.Restart(MakeVfs);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(2));
        Assert.That(_calls.Resolve("/a").Value.MountId, Is.EqualTo(1));
        _keeper.RevokeOnly(2);
        _vfs.Restart(MakeVfs);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(1));
    }

    [Test]
    public void Mounts_that_came_and_went_while_Vfs_was_dead_are_known_when_it_is_back()
    {
        _vfs.Kill();
        _keeper.Revoke(2);
        _keeper.Add(7, "/new");
        _vfs.Restart(MakeVfs);
        Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(1));
        Assert.That(_calls.Resolve("/new/a").Value.MountId, Is.EqualTo(7));
    }

    [Test]
    public void Death_at_every_store_leaves_every_mount_and_no_root_too_many()
    {
        int deaths = 0;
        for (int store = 0; ; store++)
        {
            Start();
            MortalMemory mortal = new(_memory, store);
            _vfs.Restart(task => new MortalServer(MakeOver(task, mortal), Revive));
            _machine.Advance(1_000);
            _keeper.Revoke(2);
            _keeper.Add(9, "/mnt");
            _vfs.Signal(ControlBits.Changed);
            _keeper.Silence = Status.TimedOut;
            Assert.That(_calls.Resolve("/a").Value.MountId, Is.EqualTo(1), $"store {store}");
            _keeper.Silence = Status.Ok;
            _vfs.Restart(MakeVfs);
            Assert.That(_calls.Resolve("/mnt/a").Value.MountId, Is.EqualTo(9), $"store {store}");
            // Endpoint, control, log, supervisor, and a root for each mount.
            Assert.That(
                _machine.CountCapabilities(_vfs.Kernel), Is.EqualTo(4 + 2), $"store {store}");
            if (!mortal.IsDead) break;
            deaths++;
        }
        Assert.That(deaths, Is.GreaterThan(15));

        void Revive() => _vfs.Restart(MakeVfs);
    }

    [Test]
    public void Resolving_and_refreshing_leaves_no_capability_behind()
    {
        _calls.Resolve("/mnt");
        int before = _machine.CountCapabilities(_vfs.Kernel);
        for (int i = 0; i < 50; i++)
        {
            _client.Close(_calls.Resolve("/mnt/a").Value.Root.Handle);
            _vfs.Signal(ControlBits.Changed);
        }
        _keeper.Silence = Status.TimedOut;
        for (int i = 0; i < 50; i++) _vfs.Signal(ControlBits.Changed);
        Assert.That(_machine.CountCapabilities(_vfs.Kernel), Is.EqualTo(before));
    }

    private VfsServer MakeVfs(TaskContext task) => MakeOver(task, _memory);

    private VfsServer MakeOver(TaskContext task, IVaultMemory memory)
    {
        LoopbackKernel kernel = (LoopbackKernel)task.Kernel;
        Handle page = _page.IsNone ? Handle.None
            : _supervisor.Kernel.Give(_page, kernel, PageRights | Rights.Pass);
        VfsServer server = new(
            kernel, _supervisor.Connect(kernel), new VfsVault(memory), page);
        server.Refresh(default);
        return server;
    }

    /// <summary>Answers GetMount alone, from mounts whose roots it holds itself.</summary>
    private sealed class MountKeeper : IServer
    {
        private const int GetMount = 4;

        private readonly List<(uint Id, string Target, Handle Mount, Handle Root)> _mounts = [];

        public IKernel Kernel { get; set; } = null!;
        /// <summary>After the first row, every GetMount answers this when it is not Ok.</summary>
        public Status Silence { get; set; }
        public int Asked { get; private set; }

        public ulong NextDeadlineNs => 0;

        public void Add(uint id, string target)
        {
            Handle endpoint = Kernel.EndpointCreate(OnDeath.Hold, Layer.FileSystem).Value;
            Handle mount = Kernel.Mint(endpoint, Rights.All, new Badge(1)).Value;
            Handle root = Kernel.Mint(mount, Rights.Use, new Badge(1)).Value;
            _mounts.Add((id, target, mount, root));
        }

        /// <summary>As umount does: the capability first, then the row.</summary>
        public void Revoke(uint id)
        {
            RevokeOnly(id);
            _mounts.RemoveAll(mount => mount.Id == id);
        }

        public void RevokeOnly(uint id) =>
            Kernel.Revoke(_mounts.Find(mount => mount.Id == id).Mount);

        public void Handle(Request request)
        {
            if (request.Operation != GetMount || !request.Expect(1)) return;
            int index = (int)request.Take<uint>();
            if (index == 0) Asked++;
            if (!request.TakeLease(out WriteLease target)) return;
            request.Answer(Row(index, target));
        }

        public void Closed(Badge badge)
        {
        }

        public void Notified(ulong bits)
        {
        }

        public void DeadlineReached()
        {
        }

        private Result<MountEntry> Row(int index, WriteLease target)
        {
            if (Silence != Status.Ok && index != 0) return Silence;
            if (index >= _mounts.Count) return Status.NotFound;
            (uint id, string path, _, Handle root) = _mounts[index];
            byte[] bytes = Encoding.UTF8.GetBytes(path);
            target.CopyFrom(0, bytes);
            bool isRevoked = Kernel.DescribeHandle(root).Value.Type == ObjectType.Tombstone;
            Capability capability = isRevoked ? default : new Capability(root);
            return new MountEntry(capability, id, (uint)bytes.Length);
        }
    }
}
