// What a mount has beside its task: words, options, and the capability for its root.
//
// All authority over the mount descends from the endpoint capability of its task; Root is one of
// its children. One Revoke there ends it.

using Shared.Abi;

namespace Servers.Supervisor.Mounts;

public sealed record Mount(
    uint Id, string Origin, string Target, string Type, MountOptions Options, string ServerOptions)
{
    /// <summary>Where its bytes come from, as the user has named it.</summary>
    public string Source { get; set; } = Origin;
    public Handle Root { get; set; }
    /// <summary>For the disk or partition that the source names.</summary>
    public Handle Disk { get; set; }
    public string TaskName => $"{Type}@{Target}";

    public string Line(ProcessId process) =>
        $"{Source} on {Target} type {Type} ({Options}) by {TaskName}[{process}]";
}
