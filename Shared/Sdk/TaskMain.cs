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
    public static int Run(Func<TaskContext, int> main) =>
        RunWith(AwaitContext(), main, NativeKernel.ExitNow);

    /// <summary>
    /// The whole body of a server's Main: makes it, and serves its endpoint (CAP_endpoint, which
    /// the maker is given, and CAP_control) until the process dies.
    /// </summary>
    /// <param name="rehearse">
    /// What a spare does before it waits for its role: what has run once runs sooner, and has its
    /// pages.
    /// </param>
    /// <remarks>The loop has few frames above it, since each costs every collection.</remarks>
    public static int Serve(Func<TaskContext, Handle, IServer> make, Action? rehearse = null)
    {
        TaskContext context = AwaitContext(rehearse);
        try
        {
            Handle endpoint = context.Claim("endpoint");
            ServerLoop loop = new(context.Kernel, endpoint, context.Claim("control"));
            loop.Run(make(context, endpoint), context.Find("supervisor"), context.Ready);
            return 0;
        }
        catch (Exception exception)
        {
            return End(context, exception, NativeKernel.ExitNow);
        }
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
        catch (Exception exception)
        {
            return End(context, exception, exitNow);
        }
    }

    private static int End(TaskContext context, Exception exception, Action<int> exitNow)
    {
        int code = CrashCode;
        switch (exception)
        {
            case RefusedException:
                context.Kernel.LastWords(Encoding.UTF8.GetBytes(exception.Message));
                code = RefusedException.ExitCode;
                break;
            case RetiredException:
                code = RetiredException.ExitCode;
                break;
            default:
                context.Kernel.LastWords(Describe(exception), CauseOf(exception));
                break;
        }
        exitNow(code);
        return code;
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

    private static TaskContext AwaitContext(Action? rehearse = null)
    {
        NativeKernel kernel = new();
        ProcessEnvironment environment = new();
        if (!SpareRole.IsAwaited(environment)) return MakeContext(kernel, environment);
        if (rehearse is not null) Rehearse(rehearse);
        return SpareRole.Await(kernel, environment);
    }

    private static void Rehearse(Action rehearse)
    {
        try
        {
            rehearse();
        }
        catch (OutOfMemoryException)
        {
            // What it is wanted for may need less, and has to be tried.
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
