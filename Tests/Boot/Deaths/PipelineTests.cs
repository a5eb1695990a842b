// A pipeline does not notice that pipes dies under it: each byte comes once, in order.

using System;
using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Deaths;

public sealed class PipelineTests : BootTest
{
    // A server that crashes more often is not started again at once.
    [TestCase("sleep 0.2 && kill pipes", 8)]
    [TestCase("sleep 0.7 && crash pipes null", 3)]
    public void Bytes_come_once_and_in_order_while_pipes_dies_again_and_again(
        string death, int count)
    {
        MakeBigFile();
        string sum = Succeeds("cat /tmp/big | sha256sum", 60);
        string deaths = string.Join(" && ", Enumerable.Repeat(death, count));
        Run($"{deaths} &");
        const string pipeline = "cat /tmp/big | cat | cat | sha256sum";
        string answer = Run($"{pipeline}; {pipeline}; {pipeline}; {pipeline}", 180);
        string[] sums = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(sums.Where(line => !line.StartsWith('[')), Is.EqualTo(
            Enumerable.Repeat(sum, 4)));
        Until("jobs", "exit", 60);
        Assert.That(Run("echo on | cat"), Is.EqualTo("on"));
        Assert.That(Run("servers"), Does.Match($@"pipes +\d+ +ready .* {count} "));
    }

    [Test]
    public void Reader_that_waits_gets_what_is_written_after_the_death()
    {
        string answer = Run("sleep 2 | cat; sleep 1 && echo late | cat & kill pipes; sleep 3");
        Assert.That(answer, Does.Contain("late"));
        Assert.That(Succeeds("echo again | cat"), Is.EqualTo("again"));
    }

    [Test]
    public void Pipes_of_programs_that_ended_while_pipes_was_dead_come_back()
    {
        for (int i = 0; i < 5; i++)
        {
            Run("sleep 0.3 | cat & sleep 0.1; kill pipes");
        }
        Run("sleep 3");
        for (int i = 0; i < 20; i++) Assert.That(Run("echo x | cat"), Is.EqualTo("x"));
    }

    /// <summary>More than two megabytes, far more than the rings between the stages.</summary>
    private void MakeBigFile()
    {
        Succeeds("hexdump /proc/images > /tmp/a; hexdump /tmp/a > /tmp/b", 60);
        Succeeds("cat /tmp/b /tmp/b /tmp/b /tmp/b /tmp/b /tmp/b > /tmp/c", 60);
        Succeeds("cat /tmp/c /tmp/c /tmp/c /tmp/c /tmp/c /tmp/c > /tmp/d", 60);
        Succeeds("cat /tmp/d /tmp/d /tmp/d /tmp/d /tmp/d /tmp/d /tmp/d > /tmp/big", 60);
        Assert.That(Run("ls -l /tmp/big"), Does.Match(@"\b\d{7} "));
    }
}
