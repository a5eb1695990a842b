// Line editing on the serial line: completion, history, Ctrl-C on a half line.

using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class EditingTests : BootTest
{
    private const string Up = "\e[A", Left = "\e[D", Backspace = "\x7f";

    [Test]
    public void Tab_completes_commands_and_paths()
    {
        Assert.That(Run("pw\t"), Is.EqualTo("/"));
        Assert.That(Run("cat /proc/memo\t"), Does.Contain("KernelCollections"));
        Assert.That(Run("ls /pro\tself\t"), Does.Contain("not found"));
    }

    [Test]
    public void Arrow_up_brings_earlier_lines_back()
    {
        Run("echo first");
        Run("echo second");
        Assert.That(Run(Up), Is.EqualTo("second"));
        Assert.That(Run(Up + Up), Is.EqualTo("first"));
        Assert.That(Run($"echo wrng{Left}{Left}o"), Is.EqualTo("wrong"));
        Assert.That(Run($"echo gonex{Backspace}"), Is.EqualTo("gone"));
    }

    [Test]
    public void Ctrl_c_drops_a_half_line()
    {
        Machine.Type("echo nobody sees this\x03");
        Machine.WaitForPrompt();
        Assert.That(Run("echo here"), Is.EqualTo("here"));
        Assert.That(Machine.Transcript, Does.Not.Match("(?m)^nobody"));
    }
}
