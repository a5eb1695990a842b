// IsoFs keeps the read-only half of the contract, whatever names and blocks its disc has.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.IsoFs;
using Servers.IsoFs.Volumes;
using Tests.Disks;
using Tests.Conformance.Hosted;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance;

[TestFixture(nameof(IsoImages.Plain), 2048u)]
[TestFixture(nameof(IsoImages.Joliet), 512u)]
[TestFixture(nameof(IsoImages.RockRidge), 2048u)]
[TestFixture(nameof(IsoImages.Both), 4096u)]
public sealed class IsoFsConformance(string style, uint blockBytes) : ReadOnlyFilesConformance
{
    private readonly SparseDisk _disk = IsoImages.Make(
        Enumerable.Range(0, 120).ToDictionary(i => $"number{i}", i => $"{i}")
            .Append(new KeyValuePair<string, string>("folder/file.txt", new string('x', 5000)))
            .ToDictionary(),
        IsoImages.OptionsOf(style), blockBytes);

    protected override string Directory => "folder";
    protected override string File => "folder/file.txt";

    protected override LoopbackMount Mount(LoopbackMachine machine) => new(
        machine, task => new IsoFsServer(IsoVolume.Open(_disk), _disk, task.Log));

    [Test]
    public void Open_file_and_directory_outlive_their_server()
    {
        using OpenObject directory = Mounted.OpenDirectory(Directory);
        using OpenObject file = Mounted.Open(File, Shared.Contracts.OpenMode.Read);
        ulong number = Mounted.Stat(File).FileNumber;
        Mounted.KillAndRestart();
        Assert.That(file.ReadText(), Is.EqualTo(new string('x', 5000)));
        Assert.That(file.Calls.StatFile().Value.FileNumber, Is.EqualTo(number));
        Assert.That(directory.Calls.Stat("file.txt").Value.FileNumber, Is.EqualTo(number));
        Assert.That(Mounted.Stat(File).FileNumber, Is.EqualTo(number));
    }
}
