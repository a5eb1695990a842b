// The verb `trace`: a kill of a file server under a client, traced in the guest and drawn.
//
// Rules: the picture is of one real run. Who wants other scenes types `trace` in the guest.

using System;
using System.IO;
using System.Threading.Tasks;
using Tests.Rig.Machine;

namespace Tests.Rig.Traces;

public sealed class TraceRun(Progress progress)
{
    private const string Server = "memfs@/mnt", GuestFile = "/tmp/trace.json";
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(3);

    public async Task Run()
    {
        string json = "";
        await progress.Step("tracing a kill", () =>
        {
            json = Trace();
            return Task.CompletedTask;
        });
        string file = Repository.At("artifacts", "trace.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, json);
        string picture = Repository.At("docs", "trace.svg");
        File.WriteAllText(picture, TraceDrawing.Of(json, Server));
        Console.WriteLine($"{file}\n{picture}");
    }

    private static string Trace()
    {
        // Instructions for time: the picture is the same on every machine.
        using QemuMachine machine = QemuMachine.Start(
            new QemuOptions { Clock = GuestClock.Instructions });
        machine.WaitForPrompt();
        machine.Send("mount -t memfs -o deadline=60 none /mnt");
        machine.Send("echo kept > /mnt/file");
        machine.Send($"hang {Server}");
        machine.Send("trace on");
        machine.Send("cat /mnt/file > /tmp/copy &");
        while (!machine.Send("waits").Contains(Server)) { }
        machine.Send($"kill {Server}");
        while (!machine.Send("cat /tmp/copy").Contains("kept")) { }
        machine.Send($"trace {GuestFile}");
        return machine.Send($"cat {GuestFile}", s_long);
    }
}
