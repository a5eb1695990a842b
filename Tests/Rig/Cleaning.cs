// The verb `clean`: removes what builds leave in the work tree, and nothing else.
//
// Rules: only folders named bin and obj that lie beside a project, and the artifacts folder.

using System.IO;
using System.Linq;

namespace Tests.Rig;

public static class Cleaning
{
    public static void RemoveOutputs(string root)
    {
        Remove(Path.Combine(root, "artifacts"));
        foreach (string project in Directory.EnumerateFiles(root, "*.csproj", SearchOption.AllDirectories)
            .ToList())
        {
            string folder = Path.GetDirectoryName(project)!;
            Remove(Path.Combine(folder, "bin"));
            Remove(Path.Combine(folder, "obj"));
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
