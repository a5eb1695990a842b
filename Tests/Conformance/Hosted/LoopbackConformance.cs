// The suite over a loopback machine. A file system inherits this and says how its server is made.
//
// The other parts of this class are cases that need the machine in their hands: the server's clock,
// its handles, the supervisor's capability.

using System;
using CsCheck;
using NUnit.Framework;
using Shared.Sdk;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance.Hosted;

public abstract partial class LoopbackConformance : FileSystemConformance
{
    private LoopbackMount _host = null!;

    /// <summary>The server's time of day; a case moves it by even seconds.</summary>
    protected ulong NowNs { get; private set; }

    protected abstract IServer MakeServer(TaskContext task);

    protected override MountedFileSystem Mount()
    {
        NowNs = StartNs;
        return _host = new LoopbackMount(new LoopbackMachine(), MakeServer);
    }

    /// <summary>A failing sequence is made as short as CsCheck can make it.</summary>
    [Test]
    public void Random_operations_answer_and_leave_what_the_model_says()
    {
        Gen<string> name = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c"));
        Gen<string> path = name.Array[1, 3].Select(names => string.Join('/', names));
        Gen<int> offset = Gen.OneOf(Gen.Int[0, 16], Gen.Int[4090, 4100], Gen.Int[0, 70_000]);
        Gen<byte[]> bytes = Gen.OneOf(Gen.Byte.Array[0, 16], Gen.Byte.Array[4000, 9000]);
        Gen<Step> step = Gen.Select(
            Gen.Enum<Act>(), path, path, offset, bytes,
            (act, one, other, at, text) => new Step(act, one, other, at, text));
        step.Array[1, 60].Sample(
            steps => RunAgainstModel(
                new LoopbackMount(new LoopbackMachine(), MakeServer), steps),
            iter: 200, threads: 1, print: Print);
    }

    private static string Print(Step[] steps) => string.Join('\n', (object[])steps);
}
