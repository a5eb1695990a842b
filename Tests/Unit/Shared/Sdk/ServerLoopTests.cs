// What the loop does with each kind of event, and that it leaves nothing behind.

using System;
using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk;

public sealed class ServerLoopTests
{
    private LoopbackMachine _machine = null!;
    private EventServer _server = null!;
    private LoopbackServer _host = null!;
    private LoopbackKernel _client = null!;
    private Handle _endpoint;

    [SetUp]
    public void Connect()
    {
        _machine = new LoopbackMachine();
        _server = new EventServer();
        _host = _machine.Serve("server", _server);
        _client = _machine.CreateTask("client");
        _endpoint = _host.Connect(_client, new Badge(9));
    }

    private FileSystemClient Files => new(_client, _endpoint);
    private ByteStreamClient Stream => new(_client, _endpoint);

    [Test]
    public void Request_is_refused_when_nobody_knows_its_operation()
    {
        _server.OnRequest = static _ => { };
        Assert.That(Files.Flush(), Is.EqualTo(Status.NoSuchOperation));
    }

    [Test]
    public void Closed_is_told_once_when_the_last_capability_goes()
    {
        Handle copy = _client.Copy(_endpoint, Rights.Call).Value;
        _client.Close(_endpoint);
        Assert.That(_server.Events, Is.Empty);
        _client.Close(copy);
        Assert.That(_server.Events, Is.EqualTo(new[] { "closed 9" }));
        _machine.Advance(1);
        Assert.That(_server.Events, Has.Count.EqualTo(1));
    }

    [Test]
    public void Server_that_has_nothing_to_write_ends_when_it_is_told_to_retire()
    {
        _host.Signal(ControlBits.Changed);
        Assert.That(
            () => _host.Signal(ControlBits.Retire), Throws.TypeOf<RetiredException>());
        Assert.That(_server.Commits, Is.EqualTo(new[] { "bits 256", "bits 1024" }));
    }

    [Test]
    public void Closed_is_told_when_the_client_dies()
    {
        _client.Die();
        Assert.That(_server.Events, Is.EqualTo(new[] { "closed 9" }));
    }

    [Test]
    public void Bits_reach_the_server_without_the_loops_own()
    {
        _host.Signal(ControlBits.Changed | ControlBits.Interrupt);
        Assert.That(_server.Events, Is.EqualTo(new[] { "bits 768" }));
    }

    // Bits that the loop took for its own have once cut the console off from its interrupts.
    [Test]
    public void Upper_half_of_the_bits_is_the_servers_own()
    {
        const ulong Upper = 0xFFFF_FFFF_0000_0000;
        _host.Signal((ControlBits)Upper);
        Assert.That(_server.Events, Is.EqualTo(new[] { $"bits {Upper}" }));
    }

    [Test]
    public void Deadline_is_told_when_it_has_passed_and_not_before()
    {
        _server.NextDeadlineNs = 100;
        _machine.Advance(50);
        Assert.That(_server.Events, Is.Empty);
        _machine.Advance(50);
        Assert.That(_server.Events, Is.EqualTo(new[] { "deadline" }));
    }

    [Test]
    public void Commit_follows_each_event_before_anything_is_answered()
    {
        _server.NextDeadlineNs = 100;
        Assert.That(Files.Flush(), Is.EqualTo(Status.Ok));
        _host.Signal(ControlBits.Changed);
        _machine.Advance(100);
        _client.Close(_endpoint);
        Assert.That(_server.Events, Has.Count.EqualTo(4));
        Assert.That(_server.Commits, Is.EqualTo(_server.Events));
    }

    [Test]
    public void Request_is_delivered_again_when_the_server_dies_in_the_commit()
    {
        EventServer next = new();
        _server.OnRequest = static request => request.Answer(Status.NoSpace);
        _server.OnCommit = () => _host.Restart(_ => next);
        Assert.That(Files.Flush(), Is.EqualTo(Status.Ok), "the answer of the next one");
        Assert.That(next.Events, Is.EqualTo(new[] { "call 21 attempt 2" }));
    }

    [Test]
    public void Parked_request_is_answered_later_and_others_meanwhile()
    {
        Request? parked = null;
        _server.OnRequest = request =>
        {
            if (request.Operation != 1) request.Answer(Status.Ok);
            else
            {
                parked = request;
                request.Answer(Status.Parked);
            }
        };
        Task<Result<uint>> read = Task.Run(() => Stream.Read(new byte[4]));
        _machine.WaitParked(1);
        Assert.That(Stream.Write("x"u8), Is.EqualTo(Status.Ok));
        Assert.That(read.IsCompleted, Is.False);
        Assert.That(parked!.Complete(new Result<uint>(Status.Ok, 3)), Is.EqualTo(Status.Ok));
        Assert.That(read.Result, Is.EqualTo(new Result<uint>(Status.Ok, 3)));
        Assert.That(parked.Complete(Status.Ok), Is.EqualTo(Status.CallerGone), "only one answer");
    }

    [Test]
    public void Leases_of_a_parked_request_work_until_it_is_answered()
    {
        WriteLease kept = default;
        Request? parked = null;
        _server.OnRequest = request =>
        {
            Assert.That(request.Expect(1) && request.TakeLease(out kept), Is.True);
            parked = request;
            Assert.That(request.Park(), Is.EqualTo(Status.Ok));
            request.Answer(Status.Parked);
        };
        byte[] target = new byte[4];
        Task<Result<uint>> read = Task.Run(() => Stream.Read(target));
        _machine.WaitParked(1);
        Assert.That(kept.CopyFrom(1, [7, 8]), Is.EqualTo(Status.Ok));
        Assert.That(kept.CopyFrom(3, [7, 8]), Is.EqualTo(Status.BadArgument));
        parked!.Complete(new Result<uint>(Status.Ok, 2));
        Assert.That(read.Result.Value, Is.EqualTo(2));
        Assert.That(target, Is.EqualTo(new byte[] { 0, 7, 8, 0 }));
        Assert.That(kept.CopyFrom(0, [1]), Is.EqualTo(Status.CallerGone));
    }

    [TestCase(Status.Ok, "\0abcd\0")]
    [TestCase(Status.IoError, "\0\0\0\0\0\0")]
    public void Bytes_go_out_with_the_answer_if_it_is_ok(Status status, string expected)
    {
        FixedBuffer buffer = new(8);
        "abcd"u8.CopyTo(buffer.Span);
        _server.OnRequest = request =>
        {
            request.TakeLease(out WriteLease lease);
            Assert.That(lease.AnswerFrom(3, buffer.First(4)), Is.EqualTo(Status.BadArgument));
            Assert.That(lease.AnswerFrom(1, buffer.First(4)), Is.EqualTo(Status.Ok));
            request.Answer(new Result<uint>(status, 5));
        };
        byte[] target = new byte[6];
        Assert.That(Stream.Read(target).Status, Is.EqualTo(status));
        Assert.That(Encoding.UTF8.GetString(target), Is.EqualTo(expected));
    }

    [Test]
    public void Bytes_for_a_parked_request_are_there_at_once()
    {
        FixedBuffer buffer = new(2);
        "ab"u8.CopyTo(buffer.Span);
        Request? parked = null;
        WriteLease kept = default;
        _server.OnRequest = request =>
        {
            request.TakeLease(out kept);
            parked = request;
            request.Answer(Status.Parked);
        };
        byte[] target = new byte[2];
        Task<Result<uint>> read = Task.Run(() => Stream.Read(target));
        _machine.WaitParked(1);
        Assert.That(kept.AnswerFrom(0, buffer.First(2)), Is.EqualTo(Status.Ok));
        Assert.That(target, Is.EqualTo("ab"u8.ToArray()));
        parked!.Complete(new Result<uint>(Status.Ok, 2));
        Assert.That(read.Result.Value, Is.EqualTo(2));
    }

    [Test]
    public void Lease_of_an_answered_request_is_dead_when_the_next_one_comes()
    {
        ReadLease first = default;
        bool isFirst = true;
        Status late = Status.Ok;
        _server.OnRequest = request =>
        {
            Assert.That(request.TakeLease(out ReadLease lease), Is.True);
            if (isFirst) first = lease;
            else late = first.CopyTo(0, new byte[1]);
            isFirst = false;
            request.Answer(Status.Ok);
        };
        Stream.Write("secret of one"u8);
        Stream.Write("secret of two"u8);
        Assert.That(late, Is.EqualTo(Status.CallerGone));
    }

    [Test]
    public void Request_that_may_not_block_is_refused_when_it_is_parked()
    {
        Request? parked = null;
        _server.OnRequest = request =>
        {
            parked = request;
            request.Answer(Status.Parked);
        };
        Assert.That(Files.Flush(), Is.EqualTo(Status.BadArgument));
        Assert.That(parked!.Complete(Status.Ok), Is.EqualTo(Status.CallerGone));
    }

    [Test]
    public void Completion_finds_nobody_when_the_caller_was_cancelled()
    {
        Request? parked = null;
        WriteLease kept = default;
        _server.OnRequest = request =>
        {
            request.TakeLease(out kept);
            parked = request;
            request.Answer(Status.Parked);
        };
        Handle thread = default;
        ByteStreamClient stream = Stream;
        Task<Result<uint>> read = Task.Run(() =>
        {
            thread = _client.ThreadSelf().Value;
            return stream.Read(new byte[4]);
        });
        _machine.WaitParked(1);
        Assert.That(_client.CancelCall(thread), Is.EqualTo(Status.Ok));
        Assert.That(read.Result.Status, Is.EqualTo(Status.Cancelled));
        Assert.That(stream.LastOutcome, Is.EqualTo(Outcome.MaybeExecuted));
        Assert.That(kept.CopyFrom(0, [1]), Is.EqualTo(Status.CallerGone));
        Assert.That(parked!.Complete(Status.Ok), Is.EqualTo(Status.CallerGone));
    }

    [Test]
    public void Handles_are_closed_when_no_parameter_names_them()
    {
        int before = _machine.CountCapabilities(_host.Kernel);
        ConsoleClient console = new(_client, _endpoint);
        // The server answers without looking, as it does for an unknown operation.
        _server.OnRequest = static _ => { };
        Status status = console.OnInterrupt(new Capability(_host.Connect(_client, new Badge(5))));
        Assert.That(status, Is.EqualTo(Status.NoSuchOperation));
        Assert.That(_machine.CountCapabilities(_host.Kernel), Is.EqualTo(before));
    }

    [Test]
    public void Minted_capability_is_closed_when_the_handler_then_fails()
    {
        _server.OnRequest = static request =>
        {
            request.Mint(Rights.Call, new Badge(50));
            request.Answer(Status.NoSpace);
        };
        Assert.That(Files.OpenDirectory("d").Status, Is.EqualTo(Status.NoSpace));
        Assert.That(_server.Events, Does.Contain("closed 50"));
    }

    /// <summary>Answers with a capability of badge 50 that is made with the answer.</summary>
    private static void MintWithAnswer(Request request, Action<Request>? more = null)
    {
        Result<Capability> minted = request.MintWithAnswer(Rights.Call, new Badge(50));
        more?.Invoke(request);
        request.Answer(minted);
    }

    [Test]
    public void Capability_is_made_with_the_answer_and_never_the_servers()
    {
        int before = _machine.CountCapabilities(_host.Kernel);
        _server.OnRequest = static request => MintWithAnswer(request);
        Result<Capability> opened = Files.OpenDirectory("d");
        Assert.That(opened.Status, Is.EqualTo(Status.Ok));
        HandleDescription minted = _client.DescribeHandle(opened.Value.Handle).Value;
        Assert.That((minted.Badge, minted.Rights), Is.EqualTo((new Badge(50), Rights.Call)));
        Assert.That(_machine.CountCapabilities(_host.Kernel), Is.EqualTo(before));
        Assert.That(_server.Events, Has.None.Contains("closed"));
        _client.Close(opened.Value.Handle);
        Assert.That(_server.Events, Does.Contain("closed 50"));
    }

    [Test]
    public void Capability_is_made_too_when_the_answer_goes_by_itself()
    {
        int before = _machine.CountCapabilities(_host.Kernel);
        _server.OnRequest = request => MintWithAnswer(request, one => one.CloseAfterReply(
            _host.Kernel.NotificationCreate().Value));
        Result<Capability> opened = Files.OpenDirectory("d");
        Assert.That(_client.DescribeHandle(opened.Value.Handle).Value.Badge.Value, Is.EqualTo(50));
        Assert.That(_server.Events, Has.None.Contains("closed"));
        Assert.That(_machine.CountCapabilities(_host.Kernel), Is.EqualTo(before));
    }

    [TestCase(true), TestCase(false)]
    public void Server_is_told_of_a_promised_capability_that_is_in_no_answer(bool isError)
    {
        _server.OnRequest = request =>
        {
            request.MintWithAnswer(Rights.Call, new Badge(50));
            if (isError) request.Answer(Status.NoSpace);
            else request.Answer(new Result<Capability>(Status.Ok, default));
        };
        Result<Capability> opened = Files.OpenDirectory("d");
        Assert.That(opened.Status, Is.EqualTo(isError ? Status.NoSpace : Status.Ok));
        Assert.That(opened.Value.Handle.IsNone, Is.True);
        Assert.That(_server.Events, Does.Contain("closed 50"));
        Assert.That(_server.Commits, Does.Contain("closed 50"));
    }

    [TestCase(false), TestCase(true)]
    public void Server_is_told_when_the_caller_has_no_room_or_has_gone(bool hasGone)
    {
        if (!hasGone) _client.HandleQuota = _machine.CountCapabilities(_client);
        _server.OnRequest = request => MintWithAnswer(request, _ =>
        {
            if (hasGone) _client.Die();
        });
        Assert.That(
            Files.OpenDirectory("d").Status,
            Is.EqualTo(hasGone ? Status.Cancelled : Status.QuotaExceeded));
        Assert.That(_server.Events, Does.Contain("closed 50"));
        LoopbackKernel other = _machine.CreateTask("other");
        FileSystemClient files = new(other, _host.Connect(other, new Badge(2)));
        Assert.That(files.OpenDirectory("d").Status, Is.EqualTo(Status.Ok), "it goes on");
    }

    [Test]
    public void Server_is_not_told_that_a_badge_is_gone_which_others_have()
    {
        _host.Connect(_machine.CreateTask("other"), new Badge(50));
        _client.HandleQuota = _machine.CountCapabilities(_client);
        _server.OnRequest = static request => MintWithAnswer(request);
        Assert.That(Files.OpenDirectory("d").Status, Is.EqualTo(Status.QuotaExceeded));
        Assert.That(_server.Events, Has.None.Contains("closed"));
    }

    [Test]
    public void Only_one_capability_is_made_with_an_answer_and_not_for_a_parked_request()
    {
        Status second = Status.Ok;
        Exception? parked = null;
        _server.OnRequest = request => MintWithAnswer(request, one =>
        {
            second = one.MintWithAnswer(Rights.Call, new Badge(51)).Status;
            parked = Assert.Throws<InvalidOperationException>(() => one.Park());
        });
        Assert.That(Files.OpenDirectory("d").Status, Is.EqualTo(Status.Ok));
        Assert.That(second, Is.EqualTo(Status.QuotaExceeded));
        Assert.That(parked, Is.Not.Null);
    }

    /// <summary>The next receive says that the last Closed is dealt with, or nobody does.</summary>
    [Test]
    public void Closed_is_told_again_when_the_server_dies_in_its_commit()
    {
        EventServer next = new();
        _server.OnCommit = () => _host.Restart(_ => next);
        _client.Close(_endpoint);
        Assert.That(_server.Events, Is.EqualTo(new[] { "closed 9" }));
        _machine.Advance(1);
        Assert.That(next.Events, Is.EqualTo(new[] { "closed 9" }));
        _machine.Advance(1);
        Assert.That(next.Events, Has.Count.EqualTo(1));
    }

    // Each of these once ended the server, or left the caller waiting for ever.
    [Test]
    public void Caller_gets_an_error_when_the_reply_has_a_handle_that_is_not_the_servers()
    {
        _server.OnRequest = static request => request.Answer(
            new Result<Capability>(Status.Ok, new Capability(new Handle(12345, 7))));
        Assert.That(Files.OpenDirectory("d").Status, Is.EqualTo(Status.IoError));
        _server.OnRequest = static request => request.Answer(Status.Ok);
        Assert.That(Files.Flush(), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Loop_goes_on_when_the_caller_of_an_answered_request_is_gone()
    {
        _server.OnRequest = request =>
        {
            // As after many callers that went: the kernel does not know this Reply any more.
            if (request.Operation == 18) _host.Kernel.Close(request.ReplyHandle);
            if (request.Operation == 21) _client.Die();
            request.Answer(Status.Ok);
        };
        Assert.That(Files.Append("x"u8).Status, Is.EqualTo(Status.PeerDied));
        Assert.That(Files.Flush(), Is.EqualTo(Status.Cancelled));
        LoopbackKernel other = _machine.CreateTask("other");
        FileSystemClient files = new(other, _host.Connect(other, new Badge(2)));
        Assert.That(files.SyncAll(), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Call_is_delivered_again_when_the_server_is_restarted()
    {
        _server.OnRequest = static request => request.Answer(Status.Parked);
        Task<Status> write = Task.Run(() => Stream.Write("x"u8));
        _machine.WaitParked(1);
        _host.Kill();
        EventServer next = new();
        _host.Restart(_ => next);
        Assert.That(write.Result, Is.EqualTo(Status.Ok));
        Assert.That(next.Events, Is.EqualTo(new[] { "call 2 attempt 2" }));
    }

    [Test]
    public void Hung_server_takes_one_request_and_never_answers()
    {
        _machine.HostPatience = TimeSpan.FromMilliseconds(200);
        _host.Signal(ControlBits.Hang);
        Assert.That(_server.Events, Is.Empty, "hanging begins with the next request");
        // The loop waits for ever inside of the call; the machine gives up on it.
        Assert.That(() => Files.Flush(), Throws.TypeOf<TimeoutException>());
        Assert.That(_server.Events, Is.Empty);
    }

    [Test]
    public void Nothing_is_allocated_for_a_request_that_is_answered_at_once()
    {
        FixedKernel kernel = new();
        ServerLoop loop = new(kernel, new Handle(1, 1), Handle.None);
        QuietServer server = new();
        for (int i = 0; i < 100; i++) loop.Turn(server, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) loop.Turn(server, 0);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(allocated, Is.EqualTo(0));
        Assert.That(kernel.Replies, Is.EqualTo(1099));
    }

    private sealed class QuietServer : IServer
    {
        public ulong NextDeadlineNs => 0;
        public void Handle(Request request) => request.Answer(new Result<uint>(Status.Ok, 1));
        public void Closed(Badge badge) => throw new InvalidOperationException();
        public void Notified(ulong bits) => throw new InvalidOperationException();
        public void DeadlineReached() => throw new InvalidOperationException();
    }

    /// <summary>Has a call for each receive.</summary>
    private sealed class FixedKernel : IKernel
    {
        public int Replies { get; private set; }

        public CallResult Invoke(ref Registers registers)
        {
            if (registers.Number == (ulong)SystemCall.ReplyReceive) Replies++;
            registers.A0 = 5;
            registers.A1 = new MessageInfo(17).WithAttempt(1).Value;
            return new CallResult(Status.Ok, (byte)ReceiveKind.Call);
        }
    }
}
