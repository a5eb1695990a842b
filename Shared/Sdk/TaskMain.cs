// First and last lines of every task: makes the context, and turns an exception that nobody caught
// into last words with the C# stack.
//
// After an exception nothing else of the task runs: no finally above, no exit handler.

using System;
using System.Text;
using Shared.Abi;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Shared.Sdk;

public static class TaskMain
{
    /// <summary>What an aborted process answers on Linux too.</summary>
    public const int CrashCode = 134;

    /// <summary>The whole body of a task's Main. Answers the exit code.</summary>
    public static int Run(Func<TaskContext, int> main)
    {
        NativeKernel kernel = new();
        ProcessEnvironment environment = new();
        if (SpareRole.IsAwaited(environment))
        {
            return RunWith(SpareRole.Await(kernel, environment), main, NativeKernel.ExitNow);
        }
        return RunWith(MakeContext(kernel, environment), main, NativeKernel.ExitNow);
    }

    /// <summary>What this process was started with, for one that does not begin in Run.</summary>
    public static TaskContext ReadContext(IKernel kernel) =>
        MakeContext(kernel, new ProcessEnvironment());

    /// <summary>Run for tests: any context, and what to do instead of ending the process.</summary>
    public static int RunWith(
        TaskContext context, Func<TaskContext, int> main, Action<int> exitNow)
    {
        try
        {
            return main(context);
        }
        catch (RefusedException refusal)
        {
            context.Kernel.LastWords(Encoding.UTF8.GetBytes(refusal.Message));
            exitNow(RefusedException.ExitCode);
            return RefusedException.ExitCode;
        }
        catch (RetiredException)
        {
            exitNow(RetiredException.ExitCode);
            return RetiredException.ExitCode;
        }
        catch (Exception exception)
        {
            context.Kernel.LastWords(Describe(exception), CauseOf(exception));
            exitNow(CrashCode);
            return CrashCode;
        }
    }

    /// <summary>What the death record will say of an exception at the top.</summary>
    public static DeathCause CauseOf(Exception exception) => exception switch
    {
        NullReferenceException => DeathCause.NullReference,
        DivideByZeroException => DeathCause.DivideError,
        OutOfMemoryException => DeathCause.Memory,
        _ => DeathCause.UnhandledException,
    };

    // With the memory gone, making the text may fail as well; the type's name is there always.
    private static ReadOnlySpan<byte> Describe(Exception exception)
    {
        if (exception is OutOfMemoryException) return "System.OutOfMemoryException"u8;
        try
        {
            byte[] text = Encoding.UTF8.GetBytes(exception.ToString());
            return text.AsSpan(0, TextCut.Utf8(text, Limits.LastWordsBytes));
        }
        catch (Exception)
        {
            return "an exception whose text could not be made"u8;
        }
    }

    private static TaskContext MakeContext(IKernel kernel, ProcessEnvironment environment)
    {
        string[] strings = Environment.GetCommandLineArgs();
        return new TaskContext(
            kernel, strings.Length == 0 ? "" : strings[0],
            strings.Length < 2 ? [] : strings[1..], environment);
    }
}
