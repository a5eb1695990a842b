// A thousand servers come and go; the kernel has every frame, handle and record back.

using NUnit.Framework;

namespace Tests.Boot.Measures;

public sealed class LeakTests : BootTest
{
    [Test]
    public void Kernel_has_everything_back_when_a_thousand_servers_have_died()
    {
        Succeeds("mkdir /churn");
        Succeeds("run churn 1000", timeoutSeconds: 300);
        string log = Run("log | head -n 5000");
        int last = log.LastIndexOf("churn:", System.StringComparison.Ordinal);
        TestContext.Out.WriteLine(log[last..]);
    }
}
