// What a worker has seen go wrong. The first few are told, all are counted.
//
// Rules: the files are mounted with ondeath=hold, so an unanswered call is a loss like a wrong
// answer: nothing that happens to a server may reach its clients.

using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;

namespace Servers.Shell.Commands.Stress;

public sealed class Losses(IServices services, Output output, uint worker)
{
    private const int MaxTold = 5;

    public int Count { get; private set; }

    public bool Require(Status status, string what)
    {
        if (status == Status.Ok) return true;
        string reason = StatusText.EndsWithoutReply(status)
            ? StatusText.Of(status, services.LastOutcome)
            : StatusText.Of(status);
        return Require(false, $"{what}: {reason}");
    }

    public bool Require(bool holds, string what)
    {
        if (holds) return true;
        if (Count++ < MaxTold) output.WriteLine($"worker {worker} at {services.NowNs} ns: {what}");
        return false;
    }
}
