// Builds what boots: every image that is out of date (the kernel's brings the boot shim), the
// table of its methods' names, and the ISO of them all.
//
// Rules: one run of MSBuild for all stale images, two at a time; nothing stale means no run at all.
// COSMOS_ONLY="memfs vfs" leaves the other stale images as they are, for who tries something out.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace Tests.Rig.Images;

public sealed class ImageBuild(Progress progress)
{
    private const string ParallelImages = "-m:2";
    private const int ShownErrors = 20;

    public async Task Run()
    {
        IReadOnlyList<ImageProject> images = ImageProject.All();
        RemoveForgotten(images);
        await BuildStale(images);
        await new IsoImage(progress).Run(images);
    }

    private async Task BuildStale(IReadOnlyList<ImageProject> images)
    {
        string[]? only = Environment.GetEnvironmentVariable("COSMOS_ONLY")?.Split(' ');
        var stale = images.Where(image => only?.Contains(image.Name) ?? true)
            .Select(image => (Image: image, Hash: image.InputHash()))
            .Where(pair => !pair.Image.IsBuiltFrom(pair.Hash)).ToList();
        if (stale.Count == 0) return;

        await progress.Step($"building {string.Join(' ', stale.Select(pair => pair.Image.Name))}",
            async () =>
            {
                await Publish([.. stale.Select(pair => pair.Image.ProjectFile)]);
                string[] assemblies = AssemblyNames();
                foreach ((ImageProject image, string hash) in stale)
                {
                    ElfImage.Check(image.Name, image.ImageFile);
                    await NameTable.Write(image, assemblies);
                    image.MarkBuiltFrom(hash);
                }
            });
    }

    private async Task Publish(string[] projects)
    {
        // MSBuild splits a property at semicolons unless it is quoted.
        string list = $"\"{string.Join(';', projects)}\"";
        using CompilerServer compiler = await CompilerServer.Start();
        ToolResult result = await Tool.Run("dotnet",
        [
            "msbuild", Repository.At("Tests", "Rig", "Images", "Images.msbuild"), ParallelImages,
            "-v:m", "-nologo", "-tl:off", "-restore", $"-p:Images={list}", .. compiler.Arguments,
        ], ShowImage);
        if (result.ExitCode != 0) throw Failure(result.Output);
    }

    private void ShowImage(string line)
    {
        int arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
        if (arrow > 0 && line.EndsWith("/publish/", StringComparison.Ordinal))
        {
            progress.Say($"  linked {line[..arrow].Trim()}");
        }
    }

    /// <summary>Prints each error once; the exception is the one line that sums them up.</summary>
    public static RigException Failure(string buildOutput)
    {
        string[] errors = [.. buildOutput.Split('\n').Where(IsError)
            .Select(line => line.Trim().Replace(Repository.Root + "/", "")).Distinct()];
        foreach (string error in errors.Take(ShownErrors)) Console.Error.WriteLine(error);
        if (errors.Length == 0) Console.Error.WriteLine(buildOutput.TrimEnd());
        return new RigException($"the build failed with {Math.Max(1, errors.Length)} error(s)");
    }

    private static bool IsError(string line) =>
        line.Contains(": error ", StringComparison.Ordinal)
        || line.StartsWith("error ", StringComparison.Ordinal);

    private static string[] AssemblyNames() =>
        [.. InputHash.FilesBelow(Repository.Root)
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(AssemblyName)];

    /// <summary>
    /// By the house rule: folder path with dots, unless the project says otherwise.
    /// </summary>
    private static string AssemblyName(string project)
    {
        string text = File.ReadAllText(project);
        const string tag = "<AssemblyName>";
        int start = text.IndexOf(tag, StringComparison.Ordinal);
        if (start < 0) return Path.GetFileNameWithoutExtension(project);
        start += tag.Length;
        return text[start..text.IndexOf('<', start)];
    }

    /// <summary>An image whose project is gone would otherwise boot for ever.</summary>
    private static void RemoveForgotten(IReadOnlyList<ImageProject> images)
    {
        if (!Directory.Exists(Repository.Images)) return;
        HashSet<string> known =
            [.. images.SelectMany(image => (string[])[image.ImageFile, image.NameTable])];
        foreach (string file in Directory.EnumerateFiles(Repository.Images))
        {
            if (!known.Contains(file)) File.Delete(file);
        }
    }
}
