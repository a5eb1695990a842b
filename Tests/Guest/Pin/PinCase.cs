// The cases, seen from the client. What each is on Linux stands in the tour of the README.

using System;
using System.Text;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Calls;

namespace Tests.Guest.Pin;

internal sealed class PinCase(TaskContext context, string directory)
{
    private const OpenMode Mode = OpenMode.Read | OpenMode.Write | OpenMode.Create;
    private const int SettleMs = 20;

    private readonly IKernel _kernel = context.Kernel;
    private Handle _directory;
    private Handle _file;

    public int Run(string name)
    {
        Status status = OpenBoth($"pin-{name}");
        if (status != Status.Ok) return Refuse($"{directory}: {status}");
        switch (name)
        {
            // Exits with both open; nobody collects the exit record.
            case "zombie":
                return Say("ready\n");
            // Waits with both open, and is stopped from outside.
            case "stopped":
                Say("ready\n");
                return Wait();
            case "thread":
                return LeaveMainThread(static _ => Wait());
            case "inflight-stopped":
                Start(static pin => pin.CallNobody());
                DropFile();
                Say("ready\n");
                return Wait();
            case "inflight-thread":
                Start(static pin => pin.CallNobody());
                DropFile();
                return LeaveMainThread(static _ => Wait());
            case "reader":
                return ReadWhenTold();
            default:
                return Refuse($"{name}: unknown case");
        }
    }

    private Status OpenBoth(string name)
    {
        VfsClient vfs = new(_kernel, context.Claim("vfs"));
        Result<Resolved> resolved = vfs.Resolve(directory);
        if (!resolved.IsOk) return resolved.Status;
        string rest = directory[(int)resolved.Value.RestOffset..].Trim('/');
        Handle root = resolved.Value.Root.Handle;
        Result<Capability> opened = new FileSystemClient(_kernel, root).OpenDirectory(rest);
        _kernel.Close(root);
        if (!opened.IsOk) return opened.Status;
        _directory = opened.Value.Handle;
        Result<OpenedFile> file = new FileSystemClient(_kernel, _directory).Open(name, Mode);
        if (!file.IsOk) return file.Status;
        _file = file.Value.File.Handle;
        return Status.Ok;
    }

    /// <summary>The process lives on in its other thread: state main-exited.</summary>
    private int LeaveMainThread(Action<PinCase> rest)
    {
        Start(rest);
        Say("ready\n");
        _kernel.ThreadExit();
        return 1;
    }

    private void Start(Action<PinCase> work)
        => new Thread(() => work(this)) { IsBackground = true }.Start();

    /// <summary>
    /// Sends the open file to an endpoint that lives but that nobody receives from; the call waits
    /// for ever.
    /// </summary>
    private void CallNobody()
    {
        Layer below = new((byte)(Layer.Program.Value - 1));
        Result<Handle> endpoint = _kernel.EndpointCreate(OnDeath.Hold, below);
        if (!endpoint.IsOk)
        {
            Refuse($"endpoint: {endpoint.Status}");
            return;
        }
        OutgoingCall call = new(
            _kernel, endpoint.Value, default, operation: 1, MessageFlags.MayBlock);
        call.Add(new Capability(_file));
        call.SendForStatus();
    }

    /// <summary>From here on no process has the file: only the message in flight.</summary>
    private void DropFile()
    {
        Thread.Sleep(SettleMs);
        _kernel.Close(_file);
        _kernel.Close(_directory);
    }

    private int ReadWhenTold()
    {
        Say("ready\n");
        Span<byte> one = stackalloc byte[1];
        Result<uint> told = new ByteStreamClient(_kernel, context.Claim("stdin")).Read(one);
        if (!told.IsOk) return Refuse($"standard input: {told.Status}");
        Result<uint> read = new FileSystemClient(_kernel, _file).Read(0, one);
        return read.IsOk ? 0 : 100 + (int)read.Status;
    }

    private static int Wait()
    {
        while (true) Thread.Sleep(1_000);
    }

    private int Refuse(string reason)
    {
        Say($"{reason}\n");
        return 1;
    }

    private int Say(string text)
    {
        Handle output = context.Find("stdout");
        if (output.IsNone) return 0;
        Status status = new ByteStreamClient(_kernel, output).Write(Encoding.UTF8.GetBytes(text));
        return status == Status.Ok ? 0 : 1;
    }
}
