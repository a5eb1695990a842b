// Walks the system table: the rules that its head states.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Servers;
using Shared.Abi;
using Tests.Rig;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class SystemTableTests
{
    private static IEnumerable<TaskSpec> AllServers =>
        SystemTable.Servers.Concat(SystemTable.MountTypes);

    [Test]
    public void Table_has_ascending_layers()
    {
        byte[] layers = SystemTable.Servers.Select(spec => spec.Layer.Value).ToArray();
        Assert.That(layers, Is.Ordered);
        Assert.That(layers[0], Is.GreaterThan(Layer.Supervisor.Value));
        Assert.That(SystemTable.Program.Layer.Value, Is.GreaterThan(layers[^1]));
    }

    [Test]
    public void Table_has_unique_names_and_images()
    {
        Assert.That(AllServers.Select(spec => spec.Name), Is.Unique);
        Assert.That(AllServers.Select(spec => spec.Image), Is.Unique);
    }

    [Test]
    public void Guaranteed_memory_fits_the_smallest_machine()
    {
        long pages = AllServers.Where(spec => spec.Promise == MemoryPromise.Guaranteed)
            .Sum(spec => (long)spec.MemoryPages);
        foreach (BootMount mount in SystemTable.BootMounts)
        {
            pages += SystemTable.MountTypes.Single(spec => spec.Name == mount.Type).MemoryPages;
        }
        Assert.That(pages, Is.GreaterThan(0));
        Assert.That(
            pages + (long)SystemTable.ReservedPages,
            Is.LessThanOrEqualTo((long)SystemTable.MachinePages));
    }

    [Test]
    public void Task_wants_only_servers_of_lower_layers()
    {
        foreach (TaskSpec spec in AllServers.Append(SystemTable.Program))
        {
            foreach (TaskSpec callee in SystemTable.Servers)
            {
                if (!spec.Capabilities.Contains(callee.Name)) continue;
                Assert.That(callee.Layer.Value, Is.LessThan(spec.Layer.Value), spec.Name);
            }
        }
    }

    [Test]
    public void Server_has_endpoint_control_and_deadline()
    {
        foreach (TaskSpec spec in AllServers.Where(spec => spec.IsServer))
        {
            Assert.That(spec.Capabilities, Does.Contain("endpoint"), spec.Name);
            Assert.That(spec.Capabilities, Does.Contain("control"), spec.Name);
            Assert.That(spec.RequestDeadlineMs, Is.GreaterThan(0), spec.Name);
            Assert.That(spec.CallDeadlineMs, Is.GreaterThan(spec.Budget.LastDelayMs), spec.Name);
        }
    }

    [Test]
    public void Boot_mounts_name_known_types_and_begin_with_the_root()
    {
        Assert.That(SystemTable.BootMounts[0].Target, Is.EqualTo("/"));
        foreach (BootMount mount in SystemTable.BootMounts)
        {
            Assert.That(SystemTable.MountTypes.Select(spec => spec.Name), Does.Contain(mount.Type));
        }
    }

    /// <summary>The thread pool ends its process when it is refused a thread.</summary>
    [Test]
    public void Thread_pool_of_a_program_asks_for_half_of_its_threads()
    {
        string text = File.ReadAllText(Repository.At("Shared", "Runtime", "Program.props"));
        Match limit = Regex.Match(text, "<ThreadPoolMaxThreads>([0-9]+)<");
        Assert.That(int.Parse(limit.Groups[1].Value), Is.EqualTo(SystemTable.Program.Threads / 2));
    }
}
