// Every operation of IByteStream, IConsole and IPipes, on one endpoint as the console serves them.

using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Unit.Shared.Sdk;

public sealed class StreamRecorder : Recorder, IByteStreamHandler, IConsoleHandler
{
    public override void Handle(Request request)
    {
        if (ByteStreamDispatcher.Dispatch(this, request)) return;
        ConsoleDispatcher.Dispatch(this, request);
    }

    public Result<uint> Read(Request request, WriteLease target) =>
        Note("Read", Fill(target, "typed"));

    public Status Write(Request request, ReadLease source) => Note($"Write {Text(source)}");

    public Result<Capability> OpenSession(Request request) => Note("Open", Minted(request, 3));

    public Result<LineRead> ReadLine(Request request, string prompt, WriteLease target) =>
        Note($"ReadLine {prompt}", new LineRead(Fill(target, "ls"), LineKind.Complete));

    public Status Complete(Request request, uint wordOffset, string candidates) =>
        Note($"Complete {wordOffset} {candidates}");

    public Status OnInterrupt(Request request, Capability notification)
    {
        Note($"OnInterrupt {Received(notification)}");
        return Status.Interrupted;
    }

    public Result<ConsoleSize> Size(Request request) => Note("Size", new ConsoleSize(80, 25));
}

public sealed class StreamRoundTripTests : RoundTripFixture<StreamRecorder>
{
    [Test]
    public void Stream_operations_arrive_and_answer()
    {
        ByteStreamClient client = new(Kernel, Endpoint);
        byte[] buffer = new byte[10];
        Answers(client.Read(buffer), 5u);
        Assert.That(Encoding.UTF8.GetString(buffer, 0, 5), Is.EqualTo("typed"));
        Ok(client.Write("out"u8));
        Heard("Write out");
    }

    [Test]
    public void Console_operations_arrive_and_answer()
    {
        ConsoleClient client = new(Kernel, Endpoint);
        Assert.That(BadgeOf(client.OpenSession().Value), Is.EqualTo(3));
        byte[] buffer = new byte[10];
        Answers(client.ReadLine("cosmos:/$ ", buffer), new LineRead(2, LineKind.Complete));
        Heard("ReadLine cosmos:/$ ");
        Ok(client.Complete(3, "one\ntwo"));
        Heard("Complete 3 one\ntwo");
        Answers(client.Size(), new ConsoleSize(80, 25));
    }

    [Test]
    public void Capability_arrives_and_status_comes_back()
    {
        ConsoleClient client = new(Kernel, Endpoint);
        Handle notification = Kernel.NotificationCreate().Value;
        Assert.That(
            client.OnInterrupt(new Capability(notification)), Is.EqualTo(Status.Interrupted));
        Heard("OnInterrupt 0");
        Assert.That(
            client.OnInterrupt(new Capability(Handle.None)), Is.EqualTo(Status.Interrupted));
        Heard("OnInterrupt none");
    }

    [Test]
    public void Writer_collects_text_and_keeps_the_first_failure()
    {
        ByteStreamWriter writer = new(new ByteStreamClient(Kernel, Endpoint));
        writer.Write("a");
        writer.WriteLine("b");
        Heard("");
        Ok(writer.Flush());
        Heard("Write ab\n");
        writer.Write(new string('x', 5000));
        Heard("Write " + new string('x', 5000));
        Kernel.Close(Endpoint);
        writer.Write("lost");
        Assert.That(writer.Flush(), Is.EqualTo(Status.BadHandle));
        Assert.That(writer.Status, Is.EqualTo(Status.BadHandle));
    }
}

public sealed class PipesRecorder : Recorder, IPipesHandler
{
    public override void Handle(Request request) => PipesDispatcher.Dispatch(this, request);

    public Result<PipeEnds> Create(Request request) =>
        Note("Create", new PipeEnds(Minted(request, 10), Minted(request, 11)));
}

public sealed class PipesRoundTripTests : RoundTripFixture<PipesRecorder>
{
    [Test]
    public void Create_answers_two_capabilities()
    {
        Result<PipeEnds> ends = new PipesClient(Kernel, Endpoint).Create();
        Ok(ends.Status);
        Assert.That(BadgeOf(ends.Value.Reader), Is.EqualTo(10));
        Assert.That(BadgeOf(ends.Value.Writer), Is.EqualTo(11));
    }
}
