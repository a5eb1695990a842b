// What is left of a mount that is gone: its server still writes to its disk.

using Shared.Abi;

namespace Servers.Supervisor.Mounts;

/// <param name="DeadlineNs">When it ends, whatever was written.</param>
/// <param name="Waiter">The `umount` that waits for the end; zero: nobody.</param>
public sealed record Retirement(ulong DeadlineNs, RequestId Waiter)
{
    /// <summary>
    /// When a server that has not said a word is taken for hung, and started again; 0 never.
    /// </summary>
    public ulong NudgeAtNs { get; set; }
}
