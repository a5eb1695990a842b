// A process that was started before it has a task: its runtime is up, it has no authority but to
// wait for a role.

using Shared.Abi;
using Shared.Sdk;

namespace Servers.Supervisor.Launching;

public sealed class Candidate(TaskSpec spec, string image, Badge badge)
{
    public TaskSpec Spec { get; } = spec;
    public string Image { get; } = image;
    /// <summary>By which it is known when it asks for a role.</summary>
    public Badge Badge { get; } = badge;
    public Handle Supervisor { get; init; }
    public Handle Control { get; init; }
    public Handle Process { get; init; }
    public ProcessId ProcessId { get; init; }

    /// <summary>Its parked AwaitRole, and where the strings of the role go.</summary>
    public Request? Waiting { get; set; }
    public WriteLease Strings { get; set; }

    public bool IsWaiting => Waiting is not null;
}
