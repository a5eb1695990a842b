// What the supervisor starts from: what the kernel gives to each incarnation, and the bytes that
// earlier ones have left.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Launching;

public sealed record Origin
{
    public required IKernel Kernel { get; init; }
    public required Handle Machine { get; init; }
    public required Handle Log { get; init; }
    /// <summary>Its own process; None on a host without processes.</summary>
    public Handle Self { get; init; }
    /// <summary>Its endpoint, where a test has one already; None: make or keep one.</summary>
    public Handle Endpoint { get; init; }
    public required IVaultMemory Memory { get; init; }
    /// <summary>That of the memory; None on a host without processes.</summary>
    public Handle Vault { get; init; }
    /// <summary>A page that is the same for every incarnation; None on a host.</summary>
    public Handle Page { get; init; }
    /// <summary>The image that this process was started from.</summary>
    public string Image { get; init; } = SystemTable.Supervisor.Image;
    /// <summary>Images that are kept started; 0 where processes have no memory to copy.</summary>
    public int MaxTemplates { get; init; }
}
