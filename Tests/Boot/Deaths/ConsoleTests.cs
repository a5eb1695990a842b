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

    /// <summary>
    /// Nothing is missing. What is sent twice is at most one byte for each death, between the port
    /// and the store behind it (decision 0016).
    /// </summary>
    [Test]
    public void Output_comes_in_order_while_the_console_dies_again_and_again()
    {
        Succeeds("hexdump /proc/images > /tmp/a; hexdump /tmp/a > /tmp/b");
        string expected = Succeeds("hexdump /tmp/b", 120);
        Assert.That(expected.Split('\n'), Has.Length.GreaterThan(300));
        for (int round = 0; round < 4; round++)
        {
            Run("sleep 0.1 && kill console && sleep 0.1 && kill console &");
            string answer = Run("hexdump /tmp/b", 120);
            int twice = CountTwice(answer, expected);
            Assert.That(twice, Is.InRange(0, 2), $"round {round}: {answer}");
        }
        Until("servers", " 8  ");
    }

    /// <summary>How many bytes came twice in a row; -1 when anything else is wrong.</summary>
    private static int CountTwice(string answer, string expected)
    {
        int twice = 0;
        int at = 0;
        foreach (char one in answer)
        {
            if (at < expected.Length && one == expected[at]) at++;
            else if (at > 0 && one == expected[at - 1]) twice++;
            else return -1;
        }
        return at == expected.Length ? twice : -1;
    }
}
