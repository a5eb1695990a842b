// A boot archive with images beside those that were built: these under other names, as versions of
// servers that would be no good, or bytes of the test's own.

using System;
using System.Collections.Generic;
using System.IO;
using Tests.Rig;
using Tests.Rig.Images;
using Tests.Rig.Machine;

namespace Tests.Boot;

public sealed class OtherImages : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cosmos-images-").FullName;
    private readonly List<string> _archive = [];

    /// <param name="others">The name in the archive, and the image that it is.</param>
    public OtherImages(params (string Name, string Image)[] others)
    {
        foreach (string name in BootArchive.Names(ImageProject.All())) Link(name, name);
        foreach ((string name, string image) in others) Link(name, image);
    }

    public QemuOptions Apply(QemuOptions options) =>
        options with { ArchiveFolder = _folder, BootArchive = _archive };

    public void Add(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_folder, name), bytes);
        _archive.Add(name);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Link(string name, string image)
    {
        File.CreateSymbolicLink(
            Path.Combine(_folder, name), Path.Combine(Repository.Images, image));
        _archive.Add(name);
    }
}
