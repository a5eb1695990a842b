// A task that cannot do what it was started for, and says so in one line: a volume that it does not
// know, a disk that is not there. Not a failure of the task; starting it again would not help.

using System;

namespace Shared.Sdk.Tasks;

public class RefusedException(string reason) : Exception(reason)
{
    /// <summary>
    /// What TaskMain exits with; the reason is the task's last words. As sysexits.h has it for what
    /// cannot work as it is set up. Other exits of tasks (Faults, RetiredException) differ.
    /// </summary>
    public const int ExitCode = 78;
}
