// The files that a boot loader hands to the kernel, in their order: the kernel, then images, then
// their name tables.

using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Tests.Rig.Images;

public static class BootArchive
{
    /// <summary>The system itself: what comes up at a boot, without drivers and programs.</summary>
    public static readonly IReadOnlyList<string> System =
    [
        ImageProject.Kernel, "supervisor", "pci", "console", "pipes", "vfs", "memfs", "procfs",
        "shell",
    ];

    /// <summary>Names in Repository.Images, which are those that the guest sees.</summary>
    public static IEnumerable<string> Names(IReadOnlyList<ImageProject> images) =>
        images.Select(image => Path.GetFileName(image.ImageFile))
            .Concat(images.Select(image => Path.GetFileName(image.NameTable)));
}
