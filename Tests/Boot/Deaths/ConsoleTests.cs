// The console dies: the line that is being typed, the history and all output are still there.

using System;
using NUnit.Framework;

namespace Tests.Boot.Deaths;

public sealed class ConsoleTests : BootTest
{
    private const string Up = "\e[A";

    [TestCase("kill console")]
    [TestCase("crash console null")]
    public void Half_a_line_is_still_there(string death)
    {
        Run($"sleep 1 && {death} &");
        Machine.Type("echo half");
        Machine.WaitFor("echo half");
        Until();
        Assert.That(Run(" a line"), Is.EqualTo("half a line"));
        Assert.That(Run("servers"), Does.Match(@"console +\d+ +ready .* 1 "));

        static void Until() => System.Threading.Thread.Sleep(TimeSpan.FromSeconds(4));
    }

    [Test]
    public void History_is_still_there()
    {
        Run("echo first");
        Run("kill console");
        Run("kill console");
        Assert.That(Run(Up + Up), Is.EqualTo("first"));
    }

    [Test]
    public void Ctrl_c_reaches_the_shell_after_the_death()
    {
        Run("kill console");
        Machine.Type("kill console; sleep 60\n");
        Machine.WaitFor("sleep 60");
        Until("^C");
        Assert.That(Run("echo here"), Is.EqualTo("here"));

        void Until(string echo)
        {
            System.Threading.Thread.Sleep(TimeSpan.FromSeconds(2));
            Machine.Type("\x03");
            Machine.WaitFor(echo);
            Machine.WaitForPrompt();
        }
    }

    [Test]
    public void Output_comes_once_and_in_order_while_the_console_dies_again_and_again()
    {
        Succeeds("hexdump /proc/images > /tmp/a; hexdump /tmp/a > /tmp/b");
        string expected = Succeeds("hexdump /tmp/b", 120);
        Assert.That(expected.Split('\n'), Has.Length.GreaterThan(300));
        for (int round = 0; round < 4; round++)
        {
            Run("sleep 0.1 && kill console && sleep 0.1 && kill console &");
            string answer = Run("hexdump /tmp/b", 120);
            Assert.That(answer, Is.EqualTo(expected), $"round {round}");
        }
        Until("servers", " 8  ");
    }
}
