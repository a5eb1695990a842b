// Base of tests that replace a task while a program has a file open.

using System;

namespace Tests.Boot.Tasks;

public abstract class UpgradeTest : BootTest
{
    protected void Prepare()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo kept > /mnt/kept");
        Run("hold /mnt/kept > /tmp/held &");
        Until("cat /tmp/held", "5 bytes");
    }

    /// <summary>Its line of `servers`; empty when it has none. The image stands last.</summary>
    protected string ServerRow(string name)
    {
        foreach (string row in Succeeds("servers").Split('\n'))
        {
            if (row.StartsWith(name + " ", StringComparison.Ordinal)) return row.Trim();
        }
        return "";
    }
}
