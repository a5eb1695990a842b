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

    /// <summary>True: the caller looks at everything now.</summary>
    public bool AreNew()
    {
        ulong deaths = kernel.DeathCount();
        if (deaths == _handled) return false;
        _handled = deaths;
        return true;
    }

    /// <summary>One death has been handled that the last look did not see.</summary>
    public void NoteHandled()
    {
        if (_handled != ulong.MaxValue) _handled++;
    }
}
