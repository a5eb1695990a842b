// A thousand servers come and go; the kernel has every frame, handle and record back.

using System;
using NUnit.Framework;

namespace Tests.Boot.Measures;

public sealed class LeakTests : BootTest
{
    [Test]
    public void Kernel_has_everything_back_when_a_thousand_servers_have_died()
    {
        Succeeds("mkdir /churn");
        Run("run churn 1000", timeoutSeconds: 300);
        string status = Run("echo $?");
        string log = Run("log");
        string said = log[Math.Max(0, log.LastIndexOf("churn:", StringComparison.Ordinal))..];
        Assert.That(status, Is.EqualTo("0"), said);
        TestContext.Out.WriteLine(said);
    }
}
