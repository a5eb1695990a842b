// 64 MB are enough for the system itself, with work; and each of its tasks has less than 4 MB.
//
// Rules: the boot archive has the system's own images alone; with those of the tests it is larger
// than such a machine.

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Images;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed partial class SmallMachineTests : BootTest
{
    private const int MostKib = 4 * 1024;

    protected override IMachineOptions Options => QemuOptions.Small;

    [Test]
    public void System_boots_and_works_with_64_megabytes_and_its_tasks_have_less_than_four()
    {
        Succeeds("write /tmp/a some text; cp /tmp/a /tmp/b");
        Succeeds("mount -t memfs none /mnt");
        Assert.That(Succeeds("cp /tmp/b /mnt/c; cat /mnt/c").Trim(), Is.EqualTo("some text"));
        Succeeds("crash memfs@/mnt null; crash vfs null");
        Assert.That(Succeeds("cat /mnt/c").Trim(), Is.EqualTo("some text"));
        Succeeds("umount /mnt");
        string answer = Succeeds("ps");
        TestContext.Out.WriteLine(answer);
        Dictionary<string, double> kib = Rows().Matches(answer).ToDictionary(
            row => row.Groups["name"].Value, row => Kib(row.Groups["memory"].Value));
        Assert.That(kib, Has.Count.GreaterThanOrEqualTo(BootArchive.System.Count - 1), answer);
        Assert.That(kib.Values, Is.All.LessThan(MostKib), answer);
    }

    private static double Kib(string text)
    {
        double number = double.Parse(text[..^1], System.Globalization.CultureInfo.InvariantCulture);
        return text[^1] switch { 'K' => number, 'M' => number * 1024, _ => number * 1024 * 1024 };
    }

    [GeneratedRegex(
        @"^ *[0-9]+ +(?<name>\S+) +running +[0-9]+ +(?<memory>[0-9.]+[KMG]) ",
        RegexOptions.Multiline)]
    private static partial Regex Rows();
}
