// An upgrade under way: what the row of its task says of it, for the next incarnation too.

using Servers.Supervisor.Launching;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public enum UpgradeState : byte
{
    /// <summary>The new version starts; the old one serves. In no row.</summary>
    Starting,
    /// <summary>The old version is stopped, the new one tries. It can all be taken back.</summary>
    Probing,
    /// <summary>The new version is good: only the rest of the steps is missing.</summary>
    Committing,
}

public sealed class Upgrade(string image)
{
    public string Image { get; } = image;
    public UpgradeState State { get; set; }
    /// <summary>Of the new version; the row of the task still names the old one.</summary>
    public Handle Process { get; set; }
    public Handle Control { get; set; }
    public ProcessId ProcessId { get; set; }

    /// <summary>The process before it has its role; of this supervisor's incarnation.</summary>
    public Candidate? Candidate { get; set; }
    /// <summary>Who asked, parked; null when an earlier incarnation was asked.</summary>
    public Request? Request { get; set; }
    /// <summary>By when the new version has to be ready.</summary>
    public ulong DeadlineNs { get; set; }
}
