// `run --script`: 0 when every line was answered and the machine powered itself off.

using System;
using System.IO;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed class ScriptTests
{
    [Test]
    public void Script_that_powers_off_succeeds() =>
        Assert.That(Play("echo hello\n\n# comment\nnosuch\npoweroff\n"), Is.Zero);

    [Test]
    public void Script_fails_when_the_machine_stops_early_or_with_a_code_or_not_at_all()
    {
        Assert.That(() => Play("poweroff\necho late\n"), Throws.TypeOf<RigException>());
        Assert.That(() => Play("poweroff 3\n"),
            Throws.TypeOf<RigException>().With.Message.Contains("code 3"));
        Assert.That(() => Play("echo on\n"),
            Throws.TypeOf<RigException>().With.Message.Contains("no poweroff"));
    }

    private static int Play(string script)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, script);
            return new GuestRun(new QemuOptions(), TimeSpan.FromMinutes(1)).FromScript(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
