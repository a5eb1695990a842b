// Where things are in this work tree. Everything else asks here and never spells a path twice.

using System;
using System.IO;

namespace Tests.Rig;

public static class Repository
{
    private const string RootMark = "CosmosKernel.sln";

    public static readonly string Root = FindRoot();

    public static string Artifacts => At("artifacts");
    public static string BootFile => At("artifacts", "cosmos.bin");
    public static string IsoFile => At("artifacts", "cosmos.iso");
    public static string Images => At("artifacts", "images");
    public static string Symbols => At("artifacts", "symbols");
    public static string Stamps => At("artifacts", "stamps");
    public static string TestResults => At("artifacts", "results");

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Relative(string path) =>
        Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        // A file-based program runs from a cache folder, but is told where its source is.
        string start = AppContext.GetData("EntryPointFileDirectoryPath") as string
            ?? AppContext.BaseDirectory;
        for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, RootMark))) return folder;
        }
        throw new RigException($"{RootMark} is not in {start} or above it");
    }
}
