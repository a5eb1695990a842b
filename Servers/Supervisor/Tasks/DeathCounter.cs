// Whether anybody has died since the supervisor last looked at all that it keeps: to look costs a
// kernel call for each of them, and most deaths are one that it has just brought about itself.
//
// Rules: too many looks are harmless, one too few is not. A death that was handled by itself is
// counted; all others make the next look a whole one.

using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public sealed class DeathCounter(IKernel kernel)
{
    private ulong _handled = ulong.MaxValue;

    /// <summary>
    /// How many have died that were not handled by themselves since the last call, all of which the
    /// caller handles now. At the first call nobody knows: ulong.MaxValue.
    /// </summary>
    public ulong TakeNew()
    {
        ulong deaths = kernel.DeathCount();
        ulong count = _handled == ulong.MaxValue ? ulong.MaxValue : deaths - _handled;
        _handled = deaths;
        return count;
    }

    /// <summary>One death has been handled that the last look did not see.</summary>
    public void NoteHandled()
    {
        if (_handled != ulong.MaxValue) _handled++;
    }
}
