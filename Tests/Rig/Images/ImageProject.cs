// A project that becomes an image in the boot archive, found by its folder.
//
// Rules: CosmosKernel, and NAME/NAME.csproj below Servers, its folders Drivers and Programs, and
// Tests/Guest; no list to keep.

using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Tests.Rig.Images;

public sealed record ImageProject(string Name, string ProjectFile)
{
    public const string Kernel = "kernel";

    public string ImageFile => Path.Combine(Repository.Images, Name);
    public string NameTable => Path.Combine(Repository.Images, Name + ".sym");
    public string DebugFile => Path.Combine(Repository.Symbols, Name + ".dbg");
    private string StampFile => Path.Combine(Repository.Stamps, Name);

    /// <summary>The kernel first, as the boot archive wants it, then the others by name.</summary>
    public static IReadOnlyList<ImageProject> All()
    {
        var images = new List<ImageProject>();
        string kernel = Repository.At("CosmosKernel", "CosmosKernel.csproj");
        if (File.Exists(kernel)) images.Add(new ImageProject(Kernel, kernel));
        images.AddRange(Below(Repository.At("Servers"))
            .Concat(Below(Repository.At("Servers", "Drivers")))
            .Concat(Below(Repository.At("Servers", "Programs")))
            .Concat(Below(Repository.At("Tests", "Guest")))
            .OrderBy(image => image.Name, System.StringComparer.Ordinal));
        return images;
    }

    /// <summary>What it was built from, or nothing.</summary>
    public string Stamp => File.Exists(StampFile) ? File.ReadAllText(StampFile) : "";

    public string InputHash() => Images.InputHash.OfProject(ProjectFile);

    public bool IsBuiltFrom(string inputHash) =>
        File.Exists(ImageFile) && File.Exists(NameTable) && File.Exists(Repository.BootFile)
        && Stamp == inputHash;

    public void MarkBuiltFrom(string inputHash)
    {
        Directory.CreateDirectory(Repository.Stamps);
        File.WriteAllText(StampFile, inputHash);
    }

    /// <summary>Written with System.IO alone: linked with Shared/Runtime.</summary>
    public bool IsProgram => File.ReadAllText(ProjectFile).Contains("Program.props");

    /// <summary>No user runs it: it is not loaded from the ISO, which boots sooner.</summary>
    public bool IsForTests =>
        File.ReadAllText(ProjectFile).Contains("<ImageUse>Tests</ImageUse>");

    private static bool IsImage(string project)
    {
        if (!File.Exists(project)) return false;
        string text = File.ReadAllText(project);
        return text.Contains("Image.props") || text.Contains("Program.props");
    }

    private static IEnumerable<ImageProject> Below(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            string name = Path.GetFileName(child);
            string project = Path.Combine(child, name + ".csproj");
            if (IsImage(project)) yield return new ImageProject(name.ToLowerInvariant(), project);
        }
    }
}
