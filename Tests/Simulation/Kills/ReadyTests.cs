// A spare that takes the place of a dead server answers who has waited, then says that it is ready.

using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Simulation.Work;

namespace Tests.Simulation.Kills;

public sealed class ReadyTests
{
    const string Server = "memfs@/";
    const ushort ReadyOperation = 16;

    /// <summary>What the server does, once it is the one that came for the dead.</summary>
    sealed unsafe class Listener : IKiller
    {
        public bool IsOn;
        public readonly List<string> Heard = [];

        public Process? AtEntry(Process maker, SystemCall call)
        {
            if (!IsOn || !maker.NameText.SequenceEqual("memfs@/"u8)) return null;
            var frame = maker.MainThread!.Frame;
            MessageInfo info = new(frame->A1);
            if (call == SystemCall.ReplyReceive && frame->A0 != 0) Heard.Add("answer");
            else if (call == SystemCall.Call && info.Code == ReadyOperation) Heard.Add("ready");
            return null;
        }

        public int? AtStore(Process maker, int lengthBytes) => null;
    }

    [Test]
    public void Spare_answers_who_has_waited_before_it_says_that_it_is_ready()
    {
        Listener listener = new();
        ulong recoveredNs = 0;
        SimulatedSystem system = new(context =>
        {
            Hands hands = new(context, "/home");
            hands.Make("f", "kept");
            // A spare is made for a type that has died once.
            Kill(hands, context);
            hands.Sleep(3_000_000_000);
            listener.IsOn = true;
            Kill(hands, context);
            recoveredNs = context.Kernel.ClockNow();
            Hands.Require(hands.Supervisor.WaitReady(Server), "ready");
            recoveredNs = context.Kernel.ClockNow() - recoveredNs;
        }) { Killer = listener };
        system.Run();
        Assert.That(system.ScenarioFailure?.Message, Is.Null);
        Assert.That(listener.Heard[0], Is.EqualTo("answer"));
        Assert.That(listener.Heard.Count(one => one == "ready"), Is.EqualTo(1));
        Assert.That(recoveredNs, Is.LessThan(2_000_000), "who waits for it does not wait long");
    }

    static void Kill(Hands hands, TaskContext context)
    {
        Hands.Require(hands.Supervisor.Kill(Server), "kill");
        using FileApi files = FileApi.Open(context);
        Hands.Require(files.ReadAll("/home/f", 64).Status, "read");
    }
}
