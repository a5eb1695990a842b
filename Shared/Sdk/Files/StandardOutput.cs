// Where a program writes what it has to say.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files;

public static class StandardOutput
{
    /// <summary>Where the shell wants it, or a session of the console.</summary>
    public static ByteStreamClient Open(TaskContext task)
    {
        Handle output = task.Find("stdout");
        if (output.IsNone)
        {
            ConsoleClient console = new(task.Kernel, task.Claim("console"));
            output = console.OpenSession().Value.Handle;
        }
        return new ByteStreamClient(task.Kernel, output);
    }
}
