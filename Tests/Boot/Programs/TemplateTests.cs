// The templates, as a user would take them: copied to a folder elsewhere, built there, put on a
// disk, mounted and run in the guest.

using System;
using System.IO;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Programs;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TemplateTests : BootTest
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cosmos-user-").FullName;

    private string Disk => Path.Combine(_folder, "disk.img");

    protected override QemuOptions Options =>
        new() { Disks = [new DiskImage(Disk, DiskBus.Virtio)] };

    [TearDown] public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>Answers the image's file.</summary>
    private async Task<string> Build(string template, string image)
    {
        string project = Path.Combine(_folder, template);
        Directory.CreateDirectory(project);
        foreach (string file in Directory.GetFiles(
            Repository.At("Shared", "Templates", template)))
        {
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        }
        await Tool.Must(
            "dotnet", "publish", project, "-c", "Release", "--nologo", "-v", "q",
            $"-p:CosmosKernel={Repository.Root}");
        return Path.Combine(project, "bin", image);
    }

    private async Task MakeDisk(params string[] files)
    {
        await using (FileStream disk = File.Create(Disk)) disk.SetLength(64 << 20);
        await Tool.Must("mkfs.fat", "-F", "32", Disk);
        foreach (string file in files) await Tool.Must("mcopy", "-i", Disk, file, "::");
    }

    [Test]
    public async Task File_system_of_the_guide_is_mounted_and_survives_its_death()
    {
        await MakeDisk(await Build("FileSystem", "notefs.elf"));
        Succeeds("mount -t fat /dev/virtio0 /mnt");
        Succeeds("mkdir /notes");
        Succeeds("mount -t /mnt/notefs.elf none /notes");
        Assert.That(Succeeds("ls /notes"), Is.EqualTo("hello.txt\nnote.txt\ntexts/"));
        Assert.That(Succeeds("cat /notes/hello.txt"), Is.EqualTo("hello"));
        Assert.That(Succeeds("cat /notes/texts/date.txt"), Does.Match(@"^\d{4}-\d\d-\d\d$"));
        Assert.That(Fails("echo x > /notes/hello.txt"), Does.Contain("read-only"));
        Succeeds("echo remember the milk > /notes/note.txt");
        Succeeds("umount /mnt");
        foreach (string death in (string[])
            ["kill notefs.elf@/notes", "crash notefs.elf@/notes null", "kill supervisor"])
        {
            Succeeds(death);
            Assert.That(Succeeds("cat /notes/note.txt"), Is.EqualTo("remember the milk"), death);
        }
        Succeeds("kill notefs.elf@/notes");
        Assert.That(Succeeds("cat /notes/note.txt"), Is.EqualTo("remember the milk"));
        Succeeds("umount /notes");
        Assert.That(Succeeds("ps"), Does.Not.Contain("notefs"));
    }

    [Test]
    public async Task Program_of_the_template_runs_from_a_disk()
    {
        await MakeDisk(await Build("Program", "hello.elf"));
        Succeeds("mount -t fat /dev/virtio0 /mnt");
        Assert.That(
            Succeeds("cd /mnt && run ./hello.elf you"),
            Is.EqualTo("Hello, you! I am in /mnt.\n  ./hello.elf"));
        Assert.That(Succeeds("cd / && run /mnt/hello.elf | head -1"), Does.Contain("world"));
        Succeeds("echo not a program > /mnt/text");
        Assert.That(
            Fails("run /mnt/text"),
            Is.EqualTo("run: /mnt/text: not an image that can run here"));
        Assert.That(Fails("run /mnt/nothing"), Is.EqualTo("run: /mnt/nothing: not found"));
        Assert.That(
            Fails("mount -t /mnt/text none /home"),
            Is.EqualTo("mount: /mnt/text: not an image that can run here"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/home"));
    }
}
