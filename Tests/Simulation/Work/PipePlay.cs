// What a writer and a reader do at the two ends of one pipe, and the answers that they must get,
// whoever dies meanwhile.
//
// Rules: the expectations are written down here, not recorded. The writer sends the first bytes of
// the source; how they are cut into reads is the server's business.

using Servers.Pipes;
using Shared.Abi;
using System.Linq;

namespace Tests.Simulation.Work;

/// <param name="Writes">Bytes of each write, in order; then the writer closes its end.</param>
/// <param name="Answers">What the writes are told, in order.</param>
/// <param name="Reads">Room of each read, again from the first after the last.</param>
/// <param name="ReadBytes">After so many the reader closes its end; null: at the end.</param>
public sealed record PipePlay(
    string Name, int[] Writes, Status[] Answers, int[] Reads, int? ReadBytes = null)
{
    const Status Ok = Status.Ok, NoReader = Status.NoReader;
    /// <summary>A write of so many is in the ring in part when it parks.</summary>
    const int MoreThanRing = PipesVault.RingBytes + 3_000;

    public static readonly PipePlay[] All =
    [
        new("to the end", [1, 700, MoreThanRing, 5, 900], [Ok, Ok, Ok, Ok, Ok],
            [1, 999, 30_000, 17_000]),
        new("writer goes first", [5], [Ok], [100]),
        new("reader goes first", [10, 2_000, MoreThanRing, 5], [Ok, Ok, NoReader, NoReader],
            [7, 500], ReadBytes: 1_500),
    ];

    public override string ToString() => Name;

    /// <summary>What the source must have.</summary>
    public static int SourceBytes => All.Max(static play => play.Writes.Sum());

    /// <summary>How many bytes come out.</summary>
    public int FoundBytes => ReadBytes ?? Writes.Sum();
}
