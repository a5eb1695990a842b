// Where a demonstration is played: what it tells, and what it claims.
//
// Rules: a claim that does not hold is printed as FAILED; the play ends with code 1 then.

using Servers.Shell.Formatting;
using Shared.Abi;

namespace Servers.Shell.Commands.Pins;

public sealed class Stage(CommandContext context)
{
    public void Tell(string line)
    {
        context.WriteLine(line);
        context.Output.Flush();
    }

    /// <param name="status">Why it does not hold, where a call has said so.</param>
    public bool Claim(bool holds, string claim, Status status = Status.Ok)
    {
        if (holds)
        {
            Tell($"  ok: {claim}");
            return true;
        }
        string reason = status == Status.Ok ? "it is not so" : StatusText.Of(status);
        context.Fail($"FAILED: {claim}", reason);
        return false;
    }
}
