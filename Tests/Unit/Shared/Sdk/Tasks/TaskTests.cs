// What a task is started with, and what it leaves behind when an exception reaches its top.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk.Tasks;

public sealed class TaskTests
{
    private readonly LoopbackMachine _machine = new();

    private TaskContext Context(params (string Name, string Value)[] variables)
    {
        LoopbackKernel kernel = _machine.CreateTask("task");
        Dictionary<string, string> environment = new()
        {
            ["CAP_log"] = $"{kernel.OpenLog().Value:x}",
        };
        foreach ((string name, string value) in variables) environment[name] = value;
        return new TaskContext(kernel, "task", ["one", "two"], environment);
    }

    [Test]
    public void Capability_is_found_by_its_name()
    {
        TaskContext context = Context(("CAP_vfs", "100000002f"), ("CAP_bad", "xyz"));
        Assert.That(context.Find("vfs"), Is.EqualTo(new Handle(0x2f, 0x10)));
        Assert.That(context.Claim("vfs"), Is.EqualTo(new Handle(0x2f, 0x10)));
        Assert.That(context.Find("none"), Is.EqualTo(Handle.None));
        Assert.That(context.Find("bad"), Is.EqualTo(Handle.None));
        Assert.That(() => context.Claim("none"),
            Throws.InvalidOperationException.With.Message.Contains("'none'"));
    }

    [Test]
    public void Log_line_is_cut_between_characters_when_it_is_too_long()
    {
        TaskContext context = Context();
        context.Log(new string('a', 1023) + "\u00E4");
        context.Log("short");
        Assert.That(_machine.LogLines, Is.EqualTo(
            new[] { "task: " + new string('a', 1023), "task: short" }));
    }

    [Test]
    public void Exit_code_is_the_mains()
    {
        TaskContext context = Context();
        int code = TaskMain.RunWith(context, task => task.Arguments.Count, Unexpected);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(((LoopbackKernel)context.Kernel).LastWords, Is.Null);
    }

    [Test]
    public void Exception_becomes_last_words_with_its_stack()
    {
        TaskContext context = Context();
        List<int> exits = [];
        TaskMain.RunWith(context, Fail, exits.Add);
        (string text, DeathCause cause) = ((LoopbackKernel)context.Kernel).LastWords!.Value;
        Assert.That(text, Does.Contain("System.InvalidOperationException: on purpose"));
        Assert.That(text, Does.Contain(nameof(Fail)));
        Assert.That(cause, Is.EqualTo(DeathCause.UnhandledException));
        Assert.That(exits, Is.EqualTo(new[] { TaskMain.CrashCode }));
    }

    [Test]
    public void Last_words_are_cut_when_they_are_too_long()
    {
        TaskContext context = Context();
        string message = new('\u00E4', 5000);
        TaskMain.RunWith(context, _ => throw new InvalidOperationException(message), _ => { });
        string text = ((LoopbackKernel)context.Kernel).LastWords!.Value.Text;
        Assert.That(text, Does.Not.Contain('\uFFFD'));
        Assert.That(text, Does.EndWith("\u00E4"));
        Assert.That(text.Length, Is.InRange(1000, Limits.LastWordsBytes));
    }

    [Test]
    public void Cause_is_the_fault_that_the_exception_stands_for()
    {
        Assert.That(TaskMain.CauseOf(new NullReferenceException()),
            Is.EqualTo(DeathCause.NullReference));
        Assert.That(TaskMain.CauseOf(new DivideByZeroException()),
            Is.EqualTo(DeathCause.DivideError));
        Assert.That(TaskMain.CauseOf(new OutOfMemoryException()), Is.EqualTo(DeathCause.Memory));
    }

    private static int Fail(TaskContext context) =>
        throw new InvalidOperationException("on purpose");

    private static void Unexpected(int code) => Assert.Fail($"exit {code}");
}
