// The verb `clean`: removes what builds leave in the work tree, and nothing else.
//
// Rules: only folders named bin and obj that lie beside a project, and the artifacts folder.

using System.IO;

namespace Tests.Rig;

public static class Cleaning
{
    public static void RemoveOutputs(string root)
    {
        Remove(Path.Combine(root, "artifacts"));
        string[] projects = Directory.GetFiles(root, "*.csproj", SearchOption.AllDirectories);
        foreach (string project in projects)
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
