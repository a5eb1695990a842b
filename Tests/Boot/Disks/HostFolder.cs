// A temporary folder of the host for one test, and the host's tools. Removed with all in it.
//
// Rules: a tool that is missing or fails is a failed test.

using System;
using System.IO;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Boot.Disks;

internal sealed class HostFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("cosmos-disk-").FullName;
    private int _lastNumber;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    /// <summary>A path at which nothing is yet.</summary>
    public string NewPath(string extension) =>
        Path.Combine(_path, $"{++_lastNumber}{extension}");

    public string FileOf(ReadOnlySpan<byte> bytes)
    {
        string path = NewPath(".bin");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static async Task<string> Must(string program, params string[] arguments)
    {
        ToolResult result = await Tool.Run(program, arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{program}: {result.Output}");
        return result.Output;
    }
}
