// One case: a name and what is done in a directory of its own, which is removed afterwards.

using System;
using System.IO;

namespace Servers.Programs.FsTest;

public sealed record Case(string Name, Action<string> Body)
{
    /// <summary>Null when it has passed, else one line on why not.</summary>
    public string? Run(string root)
    {
        string folder = Path.Combine(root, "fstest-" + Name);
        try
        {
            Directory.CreateDirectory(folder);
            Body(folder);
            Directory.Delete(folder, recursive: true);
            return null;
        }
        catch (Exception exception)
        {
            string what = exception is CheckException ? "" : exception.GetType().Name + ": ";
            return (what + exception.Message).ReplaceLineEndings(" ");
        }
    }

    public override string ToString() => Name;
}
