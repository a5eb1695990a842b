// The end of a task that was told to retire (ControlBits.Retire) and has nothing left to do.

using System;

namespace Shared.Sdk.Tasks;

public sealed class RetiredException() : Exception("retired")
{
    /// <summary>What TaskMain exits with: everything is on the disk.</summary>
    public const int ExitCode = 4;
}
