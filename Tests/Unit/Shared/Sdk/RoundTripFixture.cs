// A client and a recording server of one contract, joined by the loopback machine.

using System;
using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk;

/// <summary>Remembers what its handler was called with, as text.</summary>
public abstract class Recorder : IServer
{
    public string Heard { get; set; } = "";
    public LoopbackKernel Kernel { get; set; } = null!;
    public ulong NextDeadlineNs => 0;

    public abstract void Handle(Request request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    protected Status Note(string call)
    {
        Heard = call;
        return Status.Ok;
    }

    protected Result<T> Note<T>(string call, T answer)
    {
        Heard = call;
        return answer;
    }

    protected static string Text(ReadLease lease)
    {
        byte[] bytes = new byte[lease.LengthBytes];
        Assert.That(lease.CopyTo(0, bytes), Is.EqualTo(Status.Ok));
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Writes as much of the text as fits; answers how much.</summary>
    protected static uint Fill(WriteLease lease, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = (int)Math.Min(lease.LengthBytes, (uint)bytes.Length);
        Assert.That(lease.CopyFrom(0, bytes.AsSpan(0, length)), Is.EqualTo(Status.Ok));
        return (uint)length;
    }

    /// <summary>A capability whose badge the client can look at.</summary>
    protected static Capability Minted(Request request, ulong badge)
    {
        Result<Capability> minted = request.Mint(Rights.Use, new Badge(badge));
        Assert.That(minted.Status, Is.EqualTo(Status.Ok));
        return minted.Value;
    }

    /// <summary>Badge of a capability that was received; the handler closes it.</summary>
    protected string Received(Capability capability)
    {
        if (capability.Handle.IsNone) return "none";
        ulong badge = Kernel.DescribeHandle(capability.Handle).Value.Badge.Value;
        Kernel.Close(capability.Handle);
        return $"{badge}";
    }
}

public abstract class RoundTripFixture<TRecorder> where TRecorder : Recorder, new()
{
    private int _handlesAtStart;

    protected TRecorder Server { get; private set; } = null!;
    protected LoopbackMachine Machine { get; private set; } = null!;
    protected LoopbackKernel Kernel { get; private set; } = null!;
    protected LoopbackServer Host { get; private set; } = null!;
    protected Handle Endpoint { get; private set; }

    [SetUp]
    public void Connect()
    {
        Machine = new LoopbackMachine();
        Server = new TRecorder();
        Host = Machine.Serve("server", Server);
        Server.Kernel = Host.Kernel;
        Kernel = Machine.CreateTask("client");
        Endpoint = Host.Connect(Kernel, new Badge(77));
        _handlesAtStart = Machine.CountCapabilities(Host.Kernel);
    }

    // Whatever was called: the server holds no handle more than before.
    [TearDown]
    public void Server_keeps_no_handles() => Assert.That(
        Machine.CountCapabilities(Host.Kernel), Is.EqualTo(_handlesAtStart));

    protected ulong BadgeOf(Capability capability) =>
        Kernel.DescribeHandle(capability.Handle).Value.Badge.Value;

    protected void Heard(string call) => Assert.That(Server.Heard, Is.EqualTo(call));

    protected static void Ok(Status status) => Assert.That(status, Is.EqualTo(Status.Ok));

    protected static void Answers<T>(Result<T> result, T value)
    {
        Assert.That(result.Status, Is.EqualTo(Status.Ok));
        Assert.That(result.Value, Is.EqualTo(value));
    }
}
