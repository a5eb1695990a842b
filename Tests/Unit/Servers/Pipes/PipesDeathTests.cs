// Pipes dies at every store to its vault in turn, and over and over while a long stream goes
// through it: every byte comes out once, in order, and nobody notices.

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers.Pipes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.Pipes;

public sealed class PipesDeathTests
{
    /// <summary>Pipes over one vault, which the first incarnation dies at a store of.</summary>
    private sealed class Scene
    {
        private readonly HeapVaultMemory _vault = new(PipesVault.VaultBytes);
        private bool _isFirst = true;

        public Scene(int dieAt = -1, LastStore last = LastStore.Missing)
        {
            Memory = new MortalMemory(_vault, dieAt, last: last);
            Server = Machine.Serve("pipes", Make);
            Client = Machine.CreateTask("client");
            Pipes = new PipesClient(Client, Server.Connect(Client));
        }

        public LoopbackMachine Machine { get; } = new();
        public MortalMemory Memory { get; }
        public LoopbackServer Server { get; }
        public LoopbackKernel Client { get; }
        public PipesClient Pipes { get; }
        public PipesServer Current { get; private set; } = null!;

        public (ByteStreamClient Reader, ByteStreamClient Writer) MakePipe()
        {
            Result<PipeEnds> ends = Pipes.Create();
            Assert.That(ends.Status, Is.EqualTo(Status.Ok));
            return (new ByteStreamClient(Client, ends.Value.Reader.Handle),
                new ByteStreamClient(Client, ends.Value.Writer.Handle));
        }

        public void Restart() => Server.Restart(Make);

        private IServer Make(TaskContext task)
        {
            try
            {
                return new MortalServer(MakeOver(task, _isFirst ? Memory : _vault), Died);
            }
            catch (VaultDeath)
            {
                _isFirst = false;
                return Make(task);
            }
        }

        private PipesServer MakeOver(TaskContext task, IVaultMemory memory)
        {
            Current = new PipesServer(task.NowNs, new PipesVault(memory));
            Current.Reconcile(task.Kernel, task.Claim("endpoint"));
            return Current;
        }

        private void Died()
        {
            _isFirst = false;
            Restart();
        }
    }

    /// <summary>What two pipes do, without anybody who waits.</summary>
    private static List<string> Play(Scene scene)
    {
        List<string> heard = [];
        (ByteStreamClient reader, ByteStreamClient writer) = scene.MakePipe();
        (ByteStreamClient other, ByteStreamClient otherWriter) = scene.MakePipe();
        byte seed = 1;
        for (int round = 0; round < 4; round++)
        {
            heard.Add($"{writer.Write(Pattern(900 * (round + 1), seed++))}");
            heard.Add($"{otherWriter.Write(Pattern(5, seed++))}");
            heard.Add($"{writer.Write(Pattern(30, seed++))}");
            Read(reader, 700);
            Read(reader, 40_000);
            if (round % 2 == 1) Read(other, 3);
        }
        for (int i = 0; i < 3; i++)
        {
            heard.Add($"{writer.Write(Pattern(30_000, seed++))}");
            Read(reader, 29_000);
        }
        scene.Client.Close(otherWriter.Endpoint);
        Read(other, 100);
        Read(other, 100);
        scene.Client.Close(reader.Endpoint);
        heard.Add($"{writer.Write(Pattern(10, seed++))}");
        scene.Client.Close(writer.Endpoint);
        scene.Client.Close(other.Endpoint);
        heard.Add($"{scene.Current.Count} pipes");
        return heard;

        void Read(ByteStreamClient from, int maxBytes)
        {
            byte[] bytes = new byte[maxBytes];
            Result<uint> read = from.Read(bytes);
            string text = Convert.ToHexString(bytes.AsSpan(0, (int)read.Value));
            heard.Add($"{read.Status} {read.Value} {text}");
        }
    }

    [Test]
    public void Death_at_every_store_loses_no_byte_and_repeats_none([Values] LastStore last)
    {
        Scene calm = new();
        List<string> expected = Play(calm);
        Assert.That(calm.Memory.Stores, Is.GreaterThan(300));
        for (int store = 0; store < calm.Memory.Stores; store++)
        {
            Scene scene = new(store, last);
            Assert.That(Play(scene), Is.EqualTo(expected), $"store {store}");
            Assert.That(scene.Memory.IsDead, Is.True, $"store {store}");
        }
    }

    [Test]
    public void Stream_goes_through_while_pipes_is_killed_again_and_again()
    {
        Scene scene = new();
        (ByteStreamClient reader, ByteStreamClient writer) = scene.MakePipe();
        byte[] sent = new byte[3_000_000];
        new Random(11).NextBytes(sent);
        using CancellationTokenSource end = new();
        Task killing = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                scene.Restart();
                Thread.Sleep(1);
            }
        });
        Task<Status> writing = Task.Run(() => Send(writer, sent));
        byte[] found = Receive(reader, sent.Length, everyRead: 5, scene.Restart);
        Assert.That(writing.Result, Is.EqualTo(Status.Ok));
        end.Cancel();
        killing.Wait();
        Assert.That(found.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public void Write_that_was_partly_taken_goes_on_where_it_was()
    {
        Scene scene = new();
        (ByteStreamClient reader, ByteStreamClient writer) = scene.MakePipe();
        byte[] sent = new byte[5 * PipesVault.RingBytes / 2];
        new Random(3).NextBytes(sent);
        Task<Status> writing = Task.Run(() => writer.Write(sent));
        scene.Machine.WaitParked(1);
        for (int i = 0; i < 3; i++) scene.Restart();
        byte[] found = Receive(reader, sent.Length);
        Assert.That(writing.Result, Is.EqualTo(Status.Ok));
        Assert.That(found.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public void Waiting_reader_hears_of_what_happens_after_the_death()
    {
        Scene scene = new();
        (ByteStreamClient reader, ByteStreamClient writer) = scene.MakePipe();
        byte[] bytes = new byte[10];
        Task<Result<uint>> reading = Task.Run(() => reader.Read(bytes));
        scene.Machine.WaitParked(1);
        scene.Restart();
        writer.Write("late"u8);
        Assert.That(reading.Result.Value, Is.EqualTo(4));
        reading = Task.Run(() => reader.Read(bytes));
        scene.Machine.WaitParked(1);
        scene.Server.Kill();
        scene.Client.Close(writer.Endpoint);
        scene.Restart();
        Assert.That(reading.Result.Status, Is.EqualTo(Status.EndOfStream));
    }

    [Test]
    public void Ends_that_were_closed_while_nobody_served_are_gone()
    {
        Scene scene = new();
        (ByteStreamClient reader, ByteStreamClient writer) = scene.MakePipe();
        (ByteStreamClient left, ByteStreamClient leftWriter) = scene.MakePipe();
        writer.Write("kept"u8);
        leftWriter.Write("unread"u8);
        scene.Server.Kill();
        scene.Client.Close(writer.Endpoint);
        scene.Client.Close(left.Endpoint);
        scene.Client.Close(leftWriter.Endpoint);
        scene.Restart();
        Assert.That(scene.Current.Count, Is.EqualTo(1));
        byte[] bytes = new byte[10];
        Assert.That(reader.Read(bytes).Value, Is.EqualTo(4));
        Assert.That(reader.Read(bytes).Status, Is.EqualTo(Status.EndOfStream));
        scene.Client.Close(reader.Endpoint);
        scene.Restart();
        Assert.That(scene.Current.Count, Is.Zero);
    }

    [Test]
    public void Vault_of_another_program_is_refused()
    {
        HeapVaultMemory vault = new(PipesVault.VaultBytes);
        vault.Store(0, 1);
        Assert.That(() => new PipesVault(vault), Throws.TypeOf<VaultDamagedException>());
    }

    private static Status Send(ByteStreamClient writer, byte[] bytes)
    {
        Random random = new(7);
        for (int done = 0; done < bytes.Length;)
        {
            int step = Math.Min(random.Next(1, 150_000), bytes.Length - done);
            Status status = writer.Write(bytes.AsSpan(done, step));
            if (status != Status.Ok) return status;
            done += step;
        }
        return Status.Ok;
    }

    private static byte[] Receive(
        ByteStreamClient reader, int count, int everyRead = 0, Action? kill = null)
    {
        int reads = 0;
        Random random = new(8);
        byte[] found = new byte[count];
        for (int done = 0; done < count;)
        {
            int step = Math.Min(random.Next(1, 20_000), count - done);
            if (everyRead != 0 && ++reads % everyRead == 0) kill!();
            Result<uint> read = reader.Read(found.AsSpan(done, step));
            Assert.That(read.Status, Is.EqualTo(Status.Ok));
            done += (int)read.Value;
        }
        return found;
    }

    private static byte[] Pattern(int count, byte seed)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(seed * 31 + i * 7);
        return bytes;
    }
}
