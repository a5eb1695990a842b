// What a mount has beside its task: words, options, and the capability for its root.
//
// All authority over the mount descends from the endpoint capability of its task; Root is one of
// its children. One Revoke there ends it.

using Shared.Abi;

namespace Servers.Supervisor.Mounts;

public sealed record Mount(
    uint Id, string Source, string Target, string Type, MountOptions Options, string ServerOptions)
{
    public Handle Root { get; set; }
    public string TaskName => $"{Type}@{Target}";

    public string Line(ProcessId process) =>
        $"{Source} on {Target} type {Type} ({Options}) by {TaskName}[{process}]";
}
