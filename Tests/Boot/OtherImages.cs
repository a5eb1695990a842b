// A boot archive with images under other names beside those that were built: versions of servers
// that would be no good.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Tests.Rig;
using Tests.Rig.Images;
using Tests.Rig.Machine;

namespace Tests.Boot;

public sealed class OtherImages : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cosmos-images-").FullName;
    private readonly string[] _archive;

    /// <param name="others">The name in the archive, and the image that it is.</param>
    public OtherImages(params (string Name, string Image)[] others)
    {
        string[] built = [.. BootArchive.Names(ImageProject.All())];
        foreach (string name in built) Link(name, name);
        foreach ((string name, string image) in others) Link(name, image);
        _archive = [.. built, .. others.Select(static other => other.Name)];
    }

    public QemuOptions Apply(QemuOptions options) =>
        options with { ArchiveFolder = _folder, BootArchive = _archive };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Link(string name, string image) => File.CreateSymbolicLink(
        Path.Combine(_folder, name), Path.Combine(Repository.Images, image));
}
