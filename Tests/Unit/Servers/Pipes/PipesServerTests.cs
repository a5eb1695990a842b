// Who waits on a pipe, who is let go, and that no byte is lost or doubled.

using System;
using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers.Pipes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Pipes;

public sealed class PipesServerTests
{
    private LoopbackMachine _machine = null!;
    private LoopbackServer _server = null!;
    private LoopbackKernel _client = null!;
    private PipesClient _pipes = null!;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _server = _machine.Serve("pipes", MakePipes);
        _client = _machine.CreateTask("client");
        _pipes = new PipesClient(_client, _server.Connect(_client));
    }

    [Test]
    public void Bytes_come_out_as_they_went_in()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Assert.That(writer.Write("one "u8), Is.EqualTo(Status.Ok));
        Assert.That(writer.Write("two"u8), Is.EqualTo(Status.Ok));
        Assert.That(ReadText(reader, 5), Is.EqualTo("one t"));
        Assert.That(ReadText(reader, 100), Is.EqualTo("wo"));
    }

    [Test]
    public void Reader_waits_for_a_byte()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Task<string> reading = Task.Run(() => ReadText(reader, 10));
        _machine.WaitParked(1);
        writer.Write("late"u8);
        Assert.That(reading.Result, Is.EqualTo("late"));
    }

    [Test]
    public void Readers_are_served_in_order_of_arrival()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Task<string> first = Task.Run(() => ReadText(reader, 1));
        _machine.WaitParked(1);
        Task<string> second = Task.Run(() => ReadText(reader, 1));
        _machine.WaitParked(2);
        writer.Write("ab"u8);
        Assert.That(first.Result + second.Result, Is.EqualTo("ab"));
    }

    [Test]
    public void Write_longer_than_the_ring_goes_on_as_readers_drain()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        byte[] sent = new byte[3 * PipesVault.RingBytes + 17];
        new Random(5).NextBytes(sent);
        Task<Status> writing = Task.Run(() => writer.Write(sent));
        _machine.WaitParked(1);
        byte[] found = new byte[sent.Length];
        int done = 0;
        while (done < found.Length)
        {
            int step = Math.Min(10_007, found.Length - done);
            done += (int)reader.Read(found.AsSpan(done, step)).Value;
        }
        Assert.That(writing.Result, Is.EqualTo(Status.Ok));
        Assert.That(found.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public void Writes_are_not_mixed()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        byte[] big = new byte[PipesVault.RingBytes + 10];
        Array.Fill(big, (byte)'A');
        Task<Status> first = Task.Run(() => writer.Write(big));
        _machine.WaitParked(1);
        Task<Status> second = Task.Run(() => writer.Write("BB"u8));
        _machine.WaitParked(2);
        StringBuilder text = new();
        while (text.Length < big.Length + 2) text.Append(ReadText(reader, 4096));
        Assert.That(text.ToString(), Is.EqualTo(new string('A', big.Length) + "BB"));
        Assert.That((first.Result, second.Result), Is.EqualTo((Status.Ok, Status.Ok)));
    }

    [Test]
    public void Reader_gets_what_is_left_and_then_the_end()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        writer.Write("last"u8);
        _client.Close(writer.Endpoint);
        Assert.That(ReadText(reader, 2), Is.EqualTo("la"));
        Assert.That(ReadText(reader, 9), Is.EqualTo("st"));
        Assert.That(reader.Read(new byte[9]).Status, Is.EqualTo(Status.EndOfStream));
    }

    [Test]
    public void Waiting_reader_gets_the_end_when_the_last_writer_goes()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Handle copy = _client.Copy(writer.Endpoint, Rights.All).Value;
        Task<Status> reading = Task.Run(() => reader.Read(new byte[9]).Status);
        _machine.WaitParked(1);
        _client.Close(writer.Endpoint);
        Assert.That(reading.IsCompleted, Is.False);
        _client.Close(copy);
        Assert.That(reading.Result, Is.EqualTo(Status.EndOfStream));
    }

    [Test]
    public void Writer_gets_NoReader_at_once_and_while_it_waits()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        byte[] big = new byte[2 * PipesVault.RingBytes];
        Task<Status> writing = Task.Run(() => writer.Write(big));
        _machine.WaitParked(1);
        _client.Close(reader.Endpoint);
        Assert.That(writing.Result, Is.EqualTo(Status.NoReader));
        Assert.That(writer.Write("x"u8), Is.EqualTo(Status.NoReader));
    }

    [Test]
    public void Cancelled_reader_takes_no_bytes_along()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        LoopbackKernel victim = _machine.CreateTask("victim");
        ByteStreamClient doomed = new(victim, _client.Give(reader.Endpoint, victim));
        Task<Status> reading = Task.Run(() => doomed.Read(new byte[9]).Status);
        _machine.WaitParked(1);
        victim.Die();
        Assert.That(reading.Result, Is.EqualTo(Status.Cancelled));
        writer.Write("kept"u8);
        Assert.That(ReadText(reader, 9), Is.EqualTo("kept"));
    }

    [Test]
    public void Calls_that_were_cancelled_do_not_fill_the_queue()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        for (int i = 0; i < 3 * Pipe.MaxWaiting; i++)
        {
            reader.Options = new CallOptions(1, default);
            Assert.That(reader.Read(new byte[4]).Status, Is.EqualTo(Status.TimedOut));
        }
        reader.Options = default;
        writer.Write("text"u8);
        Assert.That(ReadText(reader, 9), Is.EqualTo("text"));
    }

    [Test]
    public void Each_end_does_its_own_part_only()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Assert.That(reader.Write("x"u8), Is.EqualTo(Status.NoRight));
        Assert.That(writer.Read(new byte[1]).Status, Is.EqualTo(Status.NoRight));
        PipesClient onEnd = new(_client, reader.Endpoint);
        Assert.That(onEnd.Create().Status, Is.EqualTo(Status.WrongType));
        ByteStreamClient onRoot = new(_client, _pipes.Endpoint);
        Assert.That(onRoot.Write("x"u8), Is.EqualTo(Status.WrongType));
    }

    [Test]
    public void Nothing_to_move_is_done_at_once()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        Assert.That(writer.Write(default), Is.EqualTo(Status.Ok));
        Assert.That(reader.Read(default).Value, Is.Zero);
    }

    [Test]
    public void Pipes_are_limited_and_come_back()
    {
        (ByteStreamClient Reader, ByteStreamClient Writer)[] all =
            new (ByteStreamClient, ByteStreamClient)[PipesVault.MaxPipes];
        int before = _machine.CountCapabilities(_server.Kernel);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < all.Length; i++) all[i] = MakePipe();
            Assert.That(_pipes.Create().Status, Is.EqualTo(Status.QuotaExceeded));
            foreach ((ByteStreamClient reader, ByteStreamClient writer) in all)
            {
                writer.Write("unread"u8);
                _client.Close(reader.Endpoint);
                _client.Close(writer.Endpoint);
            }
        }
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
        Assert.That(_pipes.Create().Status, Is.EqualTo(Status.Ok));
    }

    [Test]
    public void New_pipe_has_none_of_the_bytes_of_an_old_one()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        writer.Write("secret"u8);
        _client.Close(reader.Endpoint);
        _client.Close(writer.Endpoint);
        (reader, writer) = MakePipe();
        writer.Write("new"u8);
        Assert.That(ReadText(reader, 100), Is.EqualTo("new"));
    }

    [Test]
    public void Ends_that_no_vault_knows_do_not_wait()
    {
        (ByteStreamClient reader, ByteStreamClient writer) = MakePipe();
        _server.Kill();
        _machine.Advance(1_000);
        _server.Restart(MakePipes);
        Assert.That(reader.Read(new byte[1]).Status, Is.EqualTo(Status.PeerDied));
        Assert.That(writer.Write("x"u8), Is.EqualTo(Status.NoReader));
        (reader, writer) = MakePipe();
        writer.Write("new"u8);
        Assert.That(ReadText(reader, 9), Is.EqualTo("new"));
    }

    private static PipesServer MakePipes(TaskContext task) =>
        new(task.NowNs, PipesVault.OnHeap());

    private (ByteStreamClient Reader, ByteStreamClient Writer) MakePipe()
    {
        Result<PipeEnds> ends = _pipes.Create();
        Assert.That(ends.Status, Is.EqualTo(Status.Ok));
        return (new ByteStreamClient(_client, ends.Value.Reader.Handle),
            new ByteStreamClient(_client, ends.Value.Writer.Handle));
    }

    private static string ReadText(ByteStreamClient reader, int maxBytes)
    {
        byte[] buffer = new byte[maxBytes];
        Result<uint> read = reader.Read(buffer);
        return read.IsOk ? Encoding.UTF8.GetString(buffer, 0, (int)read.Value) : $"{read.Status}";
    }
}
