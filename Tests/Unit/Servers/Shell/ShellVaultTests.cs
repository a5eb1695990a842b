// The next shell is where the one that died was, at whichever store that was.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.Shell.Running;
using Shared.Abi;
using Shared.Sdk.Vaults;
using Tests.Loopback;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class ShellVaultTests
{
    [Test]
    public void Next_shell_has_directory_status_and_lines()
    {
        HeapVaultMemory memory = new(ShellVault.VaultBytes);
        HostShell shell = new(new ShellVault(memory));
        shell.State.Remember("cd /tmp");
        shell.Type("cd /tmp; false");
        HostShell next = new(new ShellVault(memory));
        Assert.That(next.State.Directory, Is.EqualTo("/tmp"));
        Assert.That(next.State.LastStatus, Is.EqualTo(1));
        Assert.That(next.State.History, Is.EqualTo(new[] { "cd /tmp" }));
        Assert.That(next.Type("pwd"), Is.EqualTo("/tmp\n"));
    }

    [Test]
    public void Shell_after_exit_starts_afresh_with_the_lines()
    {
        HeapVaultMemory memory = new(ShellVault.VaultBytes);
        HostShell shell = new(new ShellVault(memory));
        shell.State.Remember("exit 3");
        shell.Type("cd /tmp");
        shell.Type("exit 3");
        HostShell next = new(new ShellVault(memory));
        Assert.That(next.State.Directory, Is.EqualTo("/"));
        Assert.That(next.State.LastStatus, Is.Zero);
        Assert.That(next.State.History, Is.EqualTo(new[] { "exit 3" }));
    }

    [Test]
    public void Longest_lines_and_paths_fit_and_the_oldest_lines_go()
    {
        HeapVaultMemory memory = new(ShellVault.VaultBytes);
        ShellVault vault = new(memory);
        List<string> lines = [];
        for (int i = 0; i < ShellVault.MaxLines + 7; i++)
        {
            lines.Add(i.ToString().PadLeft(Limits.MaxPathBytes, 'x'));
            vault.AddLine(lines[^1]);
        }
        string path = "/" + new string('p', Limits.MaxPathBytes - 1);
        vault.SetPlace(path, 255);
        ShellVault next = new(memory);
        Assert.That(next.Lines, Is.EqualTo(lines.TakeLast(ShellVault.MaxLines)));
        Assert.That(next.TryGetPlace(out string directory, out int status), Is.True);
        Assert.That((directory, status), Is.EqualTo((path, 255)));
    }

    [Test]
    public void Death_at_every_store_leaves_the_place_before_or_after([Values] LastStore last)
    {
        int deaths = 0;
        for (int store = 0; ; store++)
        {
            HeapVaultMemory memory = new(ShellVault.VaultBytes);
            List<string> states = ["/ 0 "];
            string place = "/ 0 ", lines = "";
            try
            {
                ShellVault vault = new(new MortalMemory(memory, store, last: last));
                for (int i = 1; i < 8; i++)
                {
                    lines += $"l{i} ";
                    states.Add(place + lines);
                    vault.AddLine($"l{i}");
                    place = $"/d{i} {i} ";
                    states.Add(place + lines);
                    vault.SetPlace($"/d{i}", i);
                }
                break;
            }
            catch (VaultDeath)
            {
                deaths++;
            }
            Assert.That(states.TakeLast(2), Does.Contain(Text(new ShellVault(memory))));
        }
        Assert.That(deaths, Is.GreaterThan(100));

        static string Text(ShellVault vault)
        {
            vault.TryGetPlace(out string directory, out int status);
            return $"{directory} {status} " + string.Concat(vault.Lines.Select(line => line + " "));
        }
    }
}
