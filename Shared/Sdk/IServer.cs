// What a server is for its loop.

using Shared.Abi;

namespace Shared.Sdk;

/// <summary>One thread calls all of this. An exception is the server's death.</summary>
public interface IServer
{
    /// <summary>
    /// Passes the request to the dispatchers of its contracts. A request that none of them knows
    /// may be left alone: the loop answers NoSuchOperation.
    /// </summary>
    void Handle(Request request);

    /// <summary>Nobody holds a capability with this badge now; the loop acknowledges.</summary>
    void Closed(Badge badge);

    /// <summary>Bits of the control notification that the loop does not handle itself.</summary>
    void Notified(ulong bits);

    /// <summary>When DeadlineReached wants to be called, in ClockNow's time; 0 never.</summary>
    ulong NextDeadlineNs { get; }

    void DeadlineReached();
}
