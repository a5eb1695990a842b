// Finds the cases by their marks, and runs one after the other.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Guest.Conformance.Assertions;

namespace Tests.Guest.Conformance;

internal sealed class SuiteRun(TaskContext task, GuestConformance suite)
{
    // Without it the cases, which nobody calls by name, would not be linked.
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)]
    private static readonly Type Suite = typeof(GuestConformance);

    private readonly ByteStreamClient _output = StandardOutput.Open(task);

    public int Run(string part)
    {
        int passed = 0, failed = 0;
        foreach ((MethodInfo method, object?[] arguments) in Cases())
        {
            if (!method.Name.Contains(part, StringComparison.Ordinal)) continue;
            if (Passes(method, arguments)) passed++;
            else failed++;
        }
        Say($"{passed} passed, {failed} failed");
        return failed == 0 && passed != 0 ? 0 : 1;
    }

    private static IEnumerable<(MethodInfo Method, object?[] Arguments)> Cases()
    {
        foreach (MethodInfo method in Suite.GetMethods())
        {
            if (method.GetCustomAttribute<TestAttribute>() is not null) yield return (method, []);
            foreach (TestCaseAttribute one in method.GetCustomAttributes<TestCaseAttribute>())
                yield return (method, one.Arguments);
        }
    }

    private bool Passes(MethodInfo method, object?[] arguments)
    {
        try
        {
            suite.StartServer();
            method.Invoke(suite, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            return true;
        }
        catch (Exception exception)
        {
            string values = string.Join(", ", arguments);
            Say($"{method.Name}({values}): {exception.Message}");
            return false;
        }
    }

    private void Say(string line) => _output.Write(Encoding.UTF8.GetBytes(line + "\n"));
}
