// A file server hangs in a client's request, while supervisors come and go. Measures how long the
// client waits; its answer is right, since the request is delivered again.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using Tests.Simulation.Work;

namespace Tests.Simulation.Scenarios;

sealed class HangScenario
{
    const ulong TickNs = 1_000_000, PatienceNs = 60_000_000_000;

    /// <summary>From the call to its answer; null when there was none.</summary>
    public ulong? StallNs { get; private set; }
    public IReadOnlyDictionary<string, Action<TaskContext>> Programs =>
        new Dictionary<string, Action<TaskContext>> { [RandomWork.ClientImage] = Ask };

    public void Run(TaskContext context)
    {
        Hands hands = new(context, "/home");
        hands.Make("f", "kept");
        // It hangs in the request after this, which the scenario itself makes none of.
        Injection hang = new(ControlBits.Hang, FaultMoment.AtOnce, 0);
        Hands.Require(hands.Supervisor.Inject("memfs@/", hang.Bits), "hang");
        Capability none = new(Handle.None);
        Hands.Require(
            hands.Supervisor.Run(RandomWork.ClientImage, "", "/", none, none, none).Status, "run");
        ulong endNs = context.Kernel.ClockNow() + PatienceNs;
        while (StallNs is null && context.Kernel.ClockNow() < endNs) hands.Sleep(TickNs);
    }

    void Ask(TaskContext context)
    {
        using FileApi files = FileApi.Open(context);
        ulong startNs = context.Kernel.ClockNow();
        Result<byte[]> bytes = files.ReadAll("/home/f", 64);
        Hands.Require(bytes.Status, "read");
        if (bytes.Value.Length != 4) throw new InvalidOperationException("other bytes");
        StallNs = context.Kernel.ClockNow() - startNs;
    }
}
