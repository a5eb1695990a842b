// The kernel allocates nothing from the prompt on: whatever happens, it never collects garbage.

using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Tests.Boot.Kernel;

public sealed partial class CollectionTests : BootTest
{
    [Test]
    public void Kernel_never_collects_after_the_prompt()
    {
        string before = Collections();
        Succeeds("demo mount", timeoutSeconds: 60);
        Succeeds("crash vfs stack; crash pipes memory; ls /");
        Assert.That(Collections(), Is.EqualTo(before));
    }

    private string Collections()
    {
        Match match = Count().Match(Succeeds("cat /proc/memory"));
        Assert.That(match.Success);
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@"(?m)^KernelCollections: +(\d+)$")]
    private static partial Regex Count();
}
