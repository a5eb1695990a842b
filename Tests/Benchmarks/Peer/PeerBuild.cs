// Builds the Linux that stands beside: its programs, which are C, and the archive that it starts
// with.
//
// Rules: only `bench` needs this and what it installs. Everything is static, so that the guest
// needs no libraries. Nothing of it is a part of the system.

using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Tests.Rig;

namespace Tests.Benchmarks.Peer;

internal static class PeerBuild
{
    private const string LibFuse = "/usr/lib/x86_64-linux-gnu/libfuse3.a";

    public static readonly string Folder = Path.Combine(Repository.Artifacts, "peer");
    public static readonly string Archive = Path.Combine(Folder, "initial.cpio");
    private static readonly string Source = Repository.At("Tests", "Benchmarks", "Peer", "Source");

    private static readonly Need[] Needs =
    [
        new("gcc", "gcc"),
        new("libc6-dev", "/usr/include/stdio.h"),
        new("musl-tools", "musl-gcc"),
        new("libfuse3-dev", LibFuse),
        new("dpkg", "dpkg-deb"),
    ];

    private sealed record PeerProgram(string Name, params string[] Parts)
    {
        public string Compiler { get; init; } = "gcc";
        public string[] Options { get; init; } = [];
    }

    private static readonly PeerProgram[] Programs =
    [
        new("init", "init", "measure"),
        new("calls", "calls", "measure"),
        new("switches", "switches", "measure") { Options = ["-pthread"] },
        new("processes", "processes", "measure"),
        new("files", "files", "measure"),
        new("recovery", "recovery", "measure"),
        new("umounts", "umounts", "measure"),
        new("raw", "Fuse/raw", "Fuse/store", "measure"),
        new("fuse", "Fuse/fuse", "Fuse/store", "measure")
        {
            Options = ["-I/usr/include/fuse3", LibFuse, "-lpthread", "-ldl"],
        },
        new("tiny", "tiny") { Options = ["-nostdlib"] },
        new("hello", "hello") { Compiler = "musl-gcc" },
    ];

    public static async Task Run(Progress progress)
    {
        await new ToolSetup(progress, Needs).Run();
        await PeerKernel.Prepare(progress);
        await progress.Step("building the Linux peer", async () =>
        {
            foreach (PeerProgram program in Programs) await Compile(program);
            Pack();
        });
    }

    private static async Task Compile(PeerProgram program)
    {
        List<string> line = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s"];
        line.AddRange(["-I", Source, "-o", PathOf(program)]);
        foreach (string part in program.Parts) line.Add(Path.Combine(Source, part + ".c"));
        line.AddRange(program.Options);
        await Tool.Must(program.Compiler, [.. line]);
    }

    private static void Pack()
    {
        string partial = Archive + ".partial";
        using (FileStream output = File.Create(partial))
        {
            InitialFiles files = new(output);
            files.AddFolder("bin");
            foreach (PeerProgram program in Programs)
            {
                string name = program.Name == "init" ? "init" : $"bin/{program.Name}";
                files.AddProgram(name, File.ReadAllBytes(PathOf(program)));
            }
            files.AddProgram("fuse.ko", File.ReadAllBytes(PeerKernel.FuseModule));
            files.Finish();
        }
        File.Move(partial, Archive, overwrite: true);
    }

    private static string PathOf(PeerProgram program) => Path.Combine(Folder, program.Name);
}
