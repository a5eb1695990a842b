// ISO 9660 volumes that xorriso has made.
//
// Rules: a tool that is missing or fails is a RigException, so the test fails.

using System.Collections.Generic;
using System.IO;
using System.Text;
using Tests.Rig;

namespace Tests.Disks;

internal static class IsoImages
{
    public static readonly string[] Plain = ["--norock", "-iso-level", "1"];
    public static readonly string[] Joliet = ["--norock", "-J", "-joliet-long"];
    public static readonly string[] RockRidge = ["-R"];
    public static readonly string[] Both = ["-R", "-J"];
    /// <summary>Directories below the eighth are put elsewhere, as ISO 9660 wants it.</summary>
    public static readonly string[] Relocated = ["-R", "-rr_reloc_dir", "rr_moved"];

    /// <summary>One of the four kinds above, by its name.</summary>
    public static string[] OptionsOf(string style) => style switch
    {
        nameof(Plain) => Plain,
        nameof(Joliet) => Joliet,
        nameof(RockRidge) => RockRidge,
        nameof(Relocated) => Relocated,
        _ => Both,
    };

    /// <param name="files">Text of each by path; one whose text starts with "->" is a link.</param>
    public static SparseDisk Make(
        IReadOnlyDictionary<string, string> files, string[] options, uint blockBytes = 2048)
    {
        string folder = Directory.CreateTempSubdirectory("cosmos-iso-").FullName;
        try
        {
            string image = Path.Combine(folder, "image.iso");
            string tree = Path.Combine(folder, "tree");
            foreach ((string path, string text) in files) Put(Path.Combine(tree, path), text);
            Tool.Must("xorriso",
                ["-as", "mkisofs", "-quiet", "-V", "TEST", .. options, "-o", image, tree])
                .GetAwaiter().GetResult();
            return SparseDisk.Load(image, blockBytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Put(string path, string text)
    {
        const string link = "->";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (text.StartsWith(link, System.StringComparison.Ordinal))
        {
            File.CreateSymbolicLink(path, text[link.Length..]);
        }
        else
        {
            File.WriteAllText(path, text, new UTF8Encoding(false));
        }
    }
}
