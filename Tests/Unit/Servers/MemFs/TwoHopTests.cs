// A request that reaches MemFs through another server, which dies after any of its nested calls:
// the next incarnation makes the same calls, and each has its effect once.

using System;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.MemFs;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TwoHopTests
{
    private const OpenMode Making = OpenMode.Write | OpenMode.Create | OpenMode.Exclusive;

    private readonly LoopbackMachine _machine = new();
    private readonly LoopbackKernel _owner;
    private readonly LoopbackServer _relay;
    private readonly Handle _root;
    /// <summary>Somebody else, who talks to MemFs directly.</summary>
    private readonly FileSystemClient _other;
    private readonly LoopbackKernel _clientKernel;
    private readonly FileSystemClient _client;
    private Action _meanwhile = static () => { };
    private int _untilDeath;
    private int _deaths;

    /// <summary>Unwinds the handler of the relay that dies.</summary>
    private sealed class RelayDeath : Exception;

    private sealed class MortalRelay(IServer relay, Action died) : IServer
    {
        public ulong NextDeadlineNs => 0;

        public void Handle(Request request)
        {
            try
            {
                relay.Handle(request);
            }
            catch (RelayDeath)
            {
                died();
            }
        }

        public void Closed(Badge badge) => relay.Closed(badge);

        public void Notified(ulong bits)
        {
        }

        public void DeadlineReached()
        {
        }

        public void Commit()
        {
        }
    }

    public TwoHopTests()
    {
        LoopbackServer files = _machine.Serve(
            "memfs", new MemFsServer(
                MemFsOptions.Default, () => 1, MemVault.OnHeap(MemFsOptions.Default, nowNs: 1)));
        _owner = _machine.CreateTask("owner");
        _root = files.Connect(_owner, OpenObjects.RootBadge);
        _other = new FileSystemClient(_owner, _root);
        _relay = _machine.Serve("relay", MakeRelay);
        _clientKernel = _machine.CreateTask("client");
        _client = new FileSystemClient(_clientKernel, _relay.Connect(_clientKernel));
    }

    private MortalRelay MakeRelay(TaskContext context)
    {
        Handle root = _owner.Give(_root, (LoopbackKernel)context.Kernel);
        RelayServer relay = new(context.Kernel, () => root) { Passed = Passed };
        return new MortalRelay(relay, Died);
    }

    private void Passed()
    {
        if (--_untilDeath == 0) throw new RelayDeath();
    }

    private void Died()
    {
        _deaths++;
        _relay.Kill();
        _meanwhile();
        _relay.Restart(MakeRelay);
    }

    /// <summary>The relay dies once, after so many nested calls from now.</summary>
    private void DieAfter(int nestedCalls, Action? meanwhile = null)
    {
        _untilDeath = nestedCalls;
        _meanwhile = meanwhile ?? (static () => { });
    }

    [TearDown]
    public void RequireDeath() => Assert.That(_deaths, Is.EqualTo(1));

    [Test]
    public void Change_of_names_is_made_once()
    {
        DieAfter(1);
        Assert.That(_client.MakeDirectory("d"), Is.EqualTo(Status.Ok));
        Assert.That(_client.MakeDirectory("d"), Is.EqualTo(Status.AlreadyExists));
    }

    [Test]
    public void Removal_is_made_once_though_the_name_is_there_again()
    {
        _other.MakeDirectory("d");
        DieAfter(1, () => _other.MakeDirectory("d"));
        Assert.That(_client.RemoveDirectory("d"), Is.EqualTo(Status.Ok));
        Assert.That(_other.Stat("d").Status, Is.EqualTo(Status.Ok), "it is another one's");
    }

    [Test]
    public void Rename_is_made_once_though_another_source_is_there()
    {
        _other.MakeDirectory("a");
        DieAfter(1, () => _other.MakeDirectory("a"));
        Assert.That(_client.Rename("a", "b"), Is.EqualTo(Status.Ok));
        Assert.That(_other.Stat("a").Status, Is.EqualTo(Status.Ok));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Append_is_made_once(int nestedCalls)
    {
        Assert.That(_client.Append("ab"u8).Value, Is.EqualTo(2));
        DieAfter(nestedCalls);
        Assert.That(_client.Append("cde"u8).Value, Is.EqualTo(5));
        Assert.That(_other.Stat(RelayServer.FileName).Value.LengthBytes, Is.EqualTo(5));
    }

    [Test]
    public void Write_does_not_undo_a_later_one()
    {
        DieAfter(2, () => WriteDirectly("BBBB"u8.ToArray()));
        Assert.That(_client.Write(0, "aaaa"u8).Value, Is.EqualTo(4));
        byte[] bytes = new byte[4];
        Assert.That(_client.Read(0, bytes).Value, Is.EqualTo(4));
        Assert.That(bytes, Is.EqualTo("BBBB"u8.ToArray()));
    }

    [Test]
    public void Cut_does_not_undo_a_later_write()
    {
        Assert.That(_client.Write(0, "aaaa"u8).Value, Is.EqualTo(4));
        DieAfter(2, () => WriteDirectly("BBBB"u8.ToArray()));
        Assert.That(_client.SetLength(0), Is.EqualTo(Status.Ok));
        Assert.That(_other.Stat(RelayServer.FileName).Value.LengthBytes, Is.EqualTo(4));
    }

    [Test]
    public void Time_is_set_once()
    {
        _other.MakeDirectory("d");
        DieAfter(1, () => _other.SetTime("d", 22));
        Assert.That(_client.SetTime("d", 11), Is.EqualTo(Status.Ok));
        Assert.That(_other.Stat("d").Value.ModifiedNs, Is.EqualTo(22));
    }

    [Test]
    public void Exclusive_open_answers_its_own_file_though_the_name_is_taken_by_another()
    {
        ulong first = 0;
        DieAfter(1, () =>
        {
            first = _other.Stat("x").Value.FileNumber;
            _other.Rename("x", "moved");
            _other.Open("x", Making);
        });
        Result<OpenedFile> opened = _client.Open("x", Making);
        Assert.That(opened.Status, Is.EqualTo(Status.Ok));
        Assert.That(NumberOf(opened), Is.EqualTo(first));
    }

    [Test]
    public void Exclusive_open_of_a_file_that_was_deleted_meanwhile_makes_no_other()
    {
        DieAfter(1, () => _other.RemoveFile("x"));
        Assert.That(_client.Open("x", Making).Status, Is.EqualTo(Status.NotFound));
        Assert.That(_other.Stat("x").Status, Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Open_that_cuts_cuts_once()
    {
        WriteDirectly("aaaa"u8.ToArray());
        DieAfter(1, () => WriteDirectly("BBBB"u8.ToArray()));
        Result<OpenedFile> opened = _client.Open(
            RelayServer.FileName, OpenMode.Write | OpenMode.Truncate);
        Assert.That(opened.Value.LengthBytes, Is.EqualTo(4));
    }

    [Test]
    public void Many_requests_of_others_do_not_push_a_nested_one_out()
    {
        DieAfter(2, () =>
        {
            for (int i = 0; i < 2 * VaultLayout.MaxRequests; i++) _other.SetTime("", 5);
        });
        Assert.That(_client.Append("ab"u8).Value, Is.EqualTo(2));
    }

    /// <summary>The client's own look at what it was given.</summary>
    private ulong NumberOf(Result<OpenedFile> opened) =>
        new FileSystemClient(_clientKernel, opened.Value.File.Handle).StatFile().Value.FileNumber;

    private void WriteDirectly(byte[] bytes)
    {
        Result<OpenedFile> opened = _other.Open(
            RelayServer.FileName, OpenMode.Write | OpenMode.Create);
        new FileSystemClient(_owner, opened.Value.File.Handle).Write(0, bytes);
    }
}
