// The start of a process that was made before anybody knew for what: its runtime comes up, then it
// asks the supervisor for a role, and goes on as if it had been started with it.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Tasks;

public static class SpareRole
{
    /// <summary>The supervisor has said so, in the environment.</summary>
    public static bool IsAwaited(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("SPARE") == "1";

    /// <summary>Waits for the role. One that is not needed is killed, not answered.</summary>
    public static TaskContext Await(
        IKernel kernel, IReadOnlyDictionary<string, string> environment)
    {
        Handle supervisor = new(ulong.Parse(
            environment["CAP_supervisor"], NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture));
        byte[] block = new byte[Limits.StartBlockBytes];
        Result<Role> role = new SupervisorClient(kernel, supervisor).AwaitRole(block);
        if (!role.IsOk) throw new InvalidOperationException($"no role: {role.Status}");
        kernel.Close(supervisor);
        string[] strings = Encoding.UTF8.GetString(block, 0, (int)role.Value.LengthBytes)
            .Split('\0')[..^1];
        int arguments = (int)role.Value.Arguments;
        Dictionary<string, string> variables = [];
        foreach (string variable in strings.AsSpan(arguments))
        {
            int split = variable.IndexOf('=');
            if (split > 0) variables[variable[..split]] = variable[(split + 1)..];
        }
        return new TaskContext(kernel, strings[0], strings[1..arguments], variables)
        {
            Ready = role.Value.Ready,
        };
    }
}
