// What a client sends, when it sends again, and what it never sends twice.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Calls;

namespace Tests.Unit.Shared.Sdk;

public sealed class OutgoingCallTests
{
    private static readonly CallResult DiedMaybe =
        new(Status.PeerDied, (byte)Outcome.MaybeExecuted);
    private static readonly CallResult DiedBefore =
        new(Status.PeerDied, (byte)Outcome.NotExecuted);
    private static readonly CallResult Replied = new(Status.Ok);

    /// <summary>Ends each Call with the next scripted result; remembers all calls.</summary>
    private sealed class ScriptedKernel(params CallResult[] script) : IKernel
    {
        private int _next;

        public List<Registers> Calls { get; } = [];
        public List<ulong> Closed { get; } = [];
        public ulong ReplyInfo { get; init; }
        public ulong ReplyWord { get; init; }

        public CallResult Invoke(ref Registers registers)
        {
            if (registers.Number == (ulong)SystemCall.Close)
            {
                Closed.Add(registers.A0);
                return new CallResult(Status.Ok);
            }
            Calls.Add(registers);
            CallResult result = script[_next++];
            if (result.Status != Status.Ok) return result;
            registers.A1 = ReplyInfo;
            registers.A5 = ReplyWord;
            return result;
        }
    }

    [Test]
    public void Idempotent_call_is_sent_again_when_the_server_died_with_it()
    {
        ScriptedKernel kernel = new(DiedMaybe, DiedMaybe, Replied) { ReplyWord = 42 };
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Result<uint> read = client.Read(7, new byte[1]);
        Assert.That(read, Is.EqualTo(new Result<uint>(Status.Ok, 42)));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.Replied));
        Assert.That(kernel.Calls.Select(call => call.A5), Is.EqualTo(new ulong[] { 7, 7, 7 }));
    }

    [Test]
    public void Outcome_stays_maybe_when_the_repeated_call_was_not_received()
    {
        ScriptedKernel kernel = new(DiedMaybe, DiedBefore);
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.Read(7, new byte[1]).Status, Is.EqualTo(Status.PeerDied));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.MaybeExecuted));
    }

    [Test]
    public void Change_of_a_file_is_never_sent_again()
    {
        ScriptedKernel kernel = new(DiedMaybe, DiedMaybe, DiedMaybe, Replied);
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.Write(0, new byte[1]).Status, Is.EqualTo(Status.PeerDied));
        Assert.That(client.SetLength(0), Is.EqualTo(Status.PeerDied));
        Assert.That(client.SetTime("f", 0), Is.EqualTo(Status.PeerDied));
        Assert.That(kernel.Calls, Has.Count.EqualTo(3));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.MaybeExecuted));
    }

    [Test]
    public void Idempotent_call_is_given_up_when_the_server_dies_each_time()
    {
        ScriptedKernel kernel = new(DiedMaybe, DiedMaybe, DiedMaybe, DiedMaybe, Replied);
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.Flush(), Is.EqualTo(Status.PeerDied));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.MaybeExecuted));
        Assert.That(kernel.Calls, Has.Count.EqualTo(4));
    }

    [Test]
    public void Other_call_is_never_sent_again()
    {
        ScriptedKernel kernel = new(DiedMaybe, Replied);
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.Append("x"u8).Status, Is.EqualTo(Status.PeerDied));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.MaybeExecuted));
        Assert.That(kernel.Calls, Has.Count.EqualTo(1));
    }

    [TestCase(Status.PeerDied, Outcome.NotExecuted)]
    [TestCase(Status.TimedOut, Outcome.MaybeExecuted)]
    [TestCase(Status.Cancelled, Outcome.MaybeExecuted)]
    [TestCase(Status.Revoked, Outcome.MaybeExecuted)]
    [TestCase(Status.Poisoned, Outcome.MaybeExecuted)]
    public void Idempotent_call_is_not_sent_again_after_another_end(Status status, Outcome outcome)
    {
        ScriptedKernel kernel = new(new CallResult(status, (byte)outcome), Replied);
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.Flush(), Is.EqualTo(status));
        Assert.That(client.LastOutcome, Is.EqualTo(outcome));
        Assert.That(kernel.Calls, Has.Count.EqualTo(1));
    }

    [Test]
    public void Registers_say_what_the_contract_says()
    {
        ScriptedKernel kernel = new(Replied, DiedBefore, Replied);
        CallOptions options = new(DeadlineNs: 1000, Serving: new Handle(8, 2));
        ByteStreamClient stream = new(kernel, new Handle(3, 1), options);
        stream.Read(new byte[1]);
        stream.Write("x"u8);
        new SupervisorClient(kernel, new Handle(4, 1)).Run(
            "a", "b", "c", new Capability(new Handle(5, 1)), default, default);
        Registers read = kernel.Calls[0];
        Assert.That(read.Number, Is.EqualTo((ulong)SystemCall.Call));
        Assert.That(read.A0, Is.EqualTo(new Handle(3, 1).Value));
        Assert.That(read.A1, Is.EqualTo(
            new MessageInfo(1, 0, 1, MessageFlags.MayBlock | MessageFlags.InlineLease).Value));
        ulong[] unused = [read.A3, read.A6, read.A7, read.A8];
        Assert.That(unused, Is.All.Zero, "what lies on the stack is not the server's business");
        Assert.That(read.A10, Is.EqualTo(1 | (ulong)LeaseRights.Write << 32));
        Assert.That(read.A2, Is.EqualTo(1000));
        Assert.That(read.A4, Is.EqualTo(new Handle(8, 2).Value));
        Assert.That(kernel.Calls[2].A1, Is.EqualTo(
            new MessageInfo(20, capabilities: 1, leases: 3).Value));
        Assert.That(kernel.Calls[2].A4, Is.EqualTo(0));
    }

    [Test]
    public void Handles_are_closed_when_the_reply_names_none()
    {
        // A server that sends a handle with a plain status, and one beside the contract's.
        ScriptedKernel kernel = new(Replied, Replied)
        {
            ReplyInfo = new MessageInfo((ushort)Status.Ok, capabilities: 2).Value, ReplyWord = 2,
        };
        FileSystemClient client = new(kernel, new Handle(3, 1));
        Assert.That(client.RemoveFile("f"), Is.EqualTo(Status.Ok));
        Assert.That(kernel.Closed, Has.Count.EqualTo(2));
        Assert.That(client.OpenDirectory("d").Status, Is.EqualTo(Status.Ok));
        Assert.That(kernel.Closed, Has.Count.EqualTo(3));
    }

    [Test]
    public void Short_call_sends_one_word_without_extras()
    {
        ScriptedKernel kernel = new(Replied, Replied) { ReplyWord = ulong.MaxValue };
        CallOptions options = new(DeadlineNs: 1000, Serving: new Handle(8, 2));
        FileSystemClient client = new(kernel, new Handle(3, 1), options);
        Assert.That(client.SetLength(77), Is.EqualTo(Status.Ok));
        Registers sent = kernel.Calls[0];
        Assert.That(sent.A1, Is.EqualTo(
            new MessageInfo(19, 0, 0, MessageFlags.Short).Value));
        Assert.That(
            (sent.A0, sent.A2, sent.A3, sent.A4, sent.A5, sent.A6),
            Is.EqualTo((new Handle(3, 1).Value, 1000ul, 0ul, new Handle(8, 2).Value, 77ul, 0ul)));
    }

    [Test]
    public void Words_of_every_size_keep_their_value()
    {
        Assert.That(ShortCall.WordOf((byte)0xFE), Is.EqualTo(0xFE));
        Assert.That(ShortCall.WordOf((ushort)0xFEDC), Is.EqualTo(0xFEDC));
        Assert.That(ShortCall.WordOf(-2), Is.EqualTo(0xFFFF_FFFE));
        Assert.That(ShortCall.WordOf(ulong.MaxValue), Is.EqualTo(ulong.MaxValue));
        Assert.That(Answer<byte>(0xFE), Is.EqualTo(0xFE));
        Assert.That(Answer<ushort>(0xFEDC), Is.EqualTo(0xFEDC));
        Assert.That(Answer<int>(0xFFFF_FFFE), Is.EqualTo(-2));
        Assert.That(Answer<ulong>(ulong.MaxValue), Is.EqualTo(ulong.MaxValue));
    }

    private static T Answer<T>(ulong word) where T : unmanaged => ShortCall.Send<T>(
        new ScriptedKernel(Replied) { ReplyWord = word }, default, default, default, 0,
        out _).Value;
}
