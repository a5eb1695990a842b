#:package System.CommandLine@2.0.15
#:project Tests/Rig/Rig.csproj
#:property PublishAot=false
#:property AllowUnsafeBlocks=false

// The build driver: dotnet run build.cs VERB. Each verb is a few lines here; the work is in
// Tests/Rig.
//
// Rules: an expected failure is a RigException, one clear line and exit code 1. Progress goes to
// standard error, results to standard output.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Tests.Rig;
using Tests.Rig.Images;
using Tests.Rig.Machine;
using Tests.Rig.Profiling;
using Tests.Rig.Traces;

var progress = new Progress();

var headless = new Option<bool>("--headless")
    { Description = "The serial line is this process's stdin and stdout, without QEMU's keys" };
var script = new Option<string?>("--script")
    { Description = "Type each line of this file at the prompt, and print the transcript" };
var timeout = new Option<int?>("--timeout")
    { Description = "Give up after this many seconds" };
var memory = new Option<int>("--memory")
    { Description = "Megabytes of memory", DefaultValueFactory = _ => 256 };
var append = new Option<string>("--append")
    { Description = "Arguments for the kernel", DefaultValueFactory = _ => "" };
var instructions = new Option<bool>("--icount")
    { Description = "Count instructions instead of time, so that runs repeat exactly" };
var disks = new Option<string[]>("--disk")
{
    Description = "FILE[:ata|ahci|virtio] is a disk of the guest; may be given several times",
    DefaultValueFactory = _ => [],
};
var iso = new Option<bool>("--iso")
    { Description = "Boot artifacts/cosmos.iso, as a real machine would (BIOS)" };
var uefi = new Option<bool>("--uefi")
    { Description = "Boot artifacts/cosmos.iso under UEFI" };
var bochs = new Option<bool>("--bochs")
    { Description = "Boot artifacts/cosmos.iso in Bochs instead of QEMU (slow; Ctrl-A X leaves)" };
var makeDisk = new Option<string[]>("--make-disk")
{
    Description = "FILE SIZE makes an empty FAT32 disk (64M, 2G) and boots nothing",
    Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true,
    HelpName = "FILE SIZE",
};
var filter = new Option<string?>("--filter")
    { Description = "Only tests whose name contains this" };
var host = new Option<bool>("--host")
    { Description = "Only tests that need no QEMU" };

var minutes = new Option<int>("--minutes")
    { Description = "How long (10)", DefaultValueFactory = _ => 10 };
var seed = new Option<int?>("--seed")
    { Description = "The first seed, to have a soak again" };

var root = new Command("build.cs", "Builds, boots and tests CosmosKernel.")
{
    Verb("setup", "Install the Debian packages that are missing",
        _ => new ToolSetup(progress).Run()),
    Verb("check", "Build everything for the host, and run the quick tests", _ => Check()),
    Verb("build", "Build what boots", _ => Build()),
    Verb("run", "Build, boot in QEMU, and give a prompt here", Run,
        headless, script, timeout, memory, append, instructions, disks, iso, uefi, bochs,
        makeDisk),
    Verb("test", "Run every test, the boot tests too", parsed =>
        Test(parsed.GetValue(filter), parsed.GetValue(host)), filter, host),
    BenchVerb(),
    ProfileVerb(),
    Verb("soak", "Look for losses with fresh seeds, for as long as you like", Soak, minutes, seed),
    Verb("trace", "Trace a kill in the guest, and draw docs/trace.svg", _ => Trace()),
    Verb("clean", "Remove everything that was built", _ => Clean()),
};
root.Options.Add(new HelpOption());
root.SetAction(_ => root.Parse("--help").Invoke());
return await root.Parse(args).InvokeAsync();

Command Verb(string name, string description, Func<ParseResult, Task> work, params Option[] options)
{
    var verb = new Command(name, description);
    foreach (Option option in options) verb.Options.Add(option);
    verb.SetAction(async (parsed, _) =>
    {
        try
        {
            await work(parsed);
            return 0;
        }
        catch (RigException problem)
        {
            // What follows the first line was on the screen already, or is for a test's log.
            progress.Fail(problem.Message.Split('\n')[0]);
            return 1;
        }
    });
    return verb;
}

async Task Build()
{
    await new ToolSetup(progress).Run();
    await new ImageBuild(progress).Run();
}

async Task Run(ParseResult parsed)
{
    if (parsed.GetValue(makeDisk) is [var disk, var size])
    {
        await new ToolSetup(progress).Run();
        await DiskMaker.Make(disk, size);
        progress.Say($"{disk}: {size}, FAT32; boot with --disk {disk}");
        return;
    }
    IMachineOptions options = MachineOptions(parsed);
    await Build();
    TimeSpan? limit =
        parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    var run = new GuestRun(options, limit);
    if (parsed.GetValue(script) is { } file) run.FromScript(file);
    else if (Console.IsInputRedirected) run.FromPipe();
    else run.AtTerminal(hasQemuKeys: !parsed.GetValue(headless));
}

IMachineOptions MachineOptions(ParseResult parsed)
{
    bool isUefi = parsed.GetValue(uefi), isBochs = parsed.GetValue(bochs);
    bool isIso = parsed.GetValue(iso) || isUefi || isBochs;
    if (isBochs && isUefi) throw new RigException("--bochs has no UEFI; leave out --uefi");
    if (isBochs && parsed.GetValue(instructions)) throw new RigException("--icount is QEMU's");
    if (isIso && parsed.GetValue(append) is { Length: > 0 })
        throw new RigException("from the ISO, arguments are typed in GRUB's menu (key e)");
    DiskImage[] images = [.. parsed.GetValue(disks)!.Select(DiskImage.Parse)];
    if (isBochs) return new BochsOptions { MemoryMb = parsed.GetValue(memory), Disks = images };
    return new QemuOptions
    {
        Medium = isIso ? BootMedium.Iso : BootMedium.Files,
        Firmware = isUefi ? Firmware.Uefi : Firmware.Bios,
        MemoryMb = parsed.GetValue(memory),
        Disks = images,
        KernelArguments = parsed.GetValue(append)!,
        Clock = parsed.GetValue(instructions) ? GuestClock.Instructions : GuestClock.Host,
    };
}

async Task Test(string? nameFilter, bool isHostOnly)
{
    IReadOnlyList<string> projects = [.. TestRun.Projects()
        .Where(project => !isHostOnly || !TestRun.NeedsQemu(project))];
    if (projects.Any(TestRun.NeedsQemu)) await Build();
    await RunTests(projects, nameFilter);
}

// Debug, because release builds leave the analyzers out.
async Task Check()
{
    await progress.Step("building for the host", async () =>
    {
        ToolResult result = await Tool.Run("dotnet",
            ["build", Repository.At("CosmosKernel.sln"), "-c", "Debug", "-v:q", "--nologo"]);
        if (result.ExitCode != 0) throw ImageBuild.Failure(result.Output);
    });
    await RunTests([.. TestRun.Projects().Where(TestRun.IsQuick)], nameFilter: null);
}

async Task RunTests(IReadOnlyList<string> projects, string? nameFilter)
{
    // Tests on the host compare with the host's tools.
    await new ToolSetup(progress).Run();
    TestCounts counts = await new TestRun(progress).Run(projects, nameFilter);
    Console.WriteLine(counts);
    if (counts.Failed > 0) throw new RigException($"{counts.Failed} test(s) failed");
    if (counts.Passed == 0) throw new RigException("no test ran");
}

Command BenchVerb()
{
    var names = new Argument<string[]>("NAME")
    {
        Description = "call, boot or recovery: ours alone", Arity = ArgumentArity.ZeroOrMore,
    };
    var rounds = new Option<int>("--rounds")
        { Description = "How often each guest is booted", DefaultValueFactory = _ => 3 };
    var noPeer = new Option<bool>("--no-peer") { Description = "Leave Linux out" };
    var peerOnly = new Option<bool>("--peer-only") { Description = "Only Linux" };
    var counted = new Option<bool>("--icount") { Description = "Only count instructions" };
    Command verb = Verb("bench", "Measure, beside Linux and FUSE in the same QEMU",
        parsed => Bench(!parsed.GetValue(peerOnly),
        [
            .. parsed.GetValue(names) ?? [], "--rounds", $"{parsed.GetValue(rounds)}",
            .. new[] { noPeer, peerOnly, counted }.Where(parsed.GetValue).Select(one => one.Name),
        ]),
        rounds, noPeer, peerOnly, counted);
    verb.Arguments.Add(names);
    return verb;
}

async Task Bench(bool hasOurs, string[] arguments)
{
    string project = Repository.At("Tests", "Benchmarks", "Benchmarks.csproj");
    if (hasOurs) await Build();
    else await new ToolSetup(progress).Run();
    ToolResult result = await Tool.Run("dotnet",
        ["run", "-c", "Release", "--project", project, "--", .. arguments], Console.WriteLine,
        onErrorLine: Console.Error.WriteLine);
    if (result.ExitCode != 0) throw new RigException("the benchmarks failed");
}

Command ProfileVerb()
{
    var commands = new Argument<string[]>("COMMAND")
    {
        Description = "Typed at the prompt; the last one is counted",
        Arity = ArgumentArity.OneOrMore,
    };
    var rows = new Option<int>("--rows")
        { Description = "Functions to print", DefaultValueFactory = _ => 60 };
    var from = new Option<string>("--from")
        { Description = "Count from each entry of this function on, named as it is printed" };
    var to = new Option<string>("--to")
        { Description = "... until the next entry of this one" };
    Command verb = Verb("profile", "Count the instructions of a command, by function",
        async parsed =>
        {
            await Build();
            ProfileWindow window = new(parsed.GetValue(from), parsed.GetValue(to));
            new Profiler(TimeSpan.FromMinutes(5)).Run(
                parsed.GetValue(commands)!, window, parsed.GetValue(rows), Console.WriteLine);
        },
        rows, from, to);
    verb.Arguments.Add(commands);
    return verb;
}

async Task Soak(ParseResult parsed)
{
    await Build();
    await new Soak(progress, parsed.GetValue(minutes),
        parsed.GetValue(seed) ?? Tests.Rig.Soak.FreshSeed()).Run();
}

async Task Trace()
{
    await Build();
    await new TraceRun(progress).Run();
}

Task Clean()
{
    Cleaning.RemoveOutputs(Repository.Root);
    return Task.CompletedTask;
}
