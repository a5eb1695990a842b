// The story of `demo mount`, on a mount of its own.
//
// Rules: a claim that does not hold ends the play with code 1 (Stage.cs). Whatever happens, its
// processes and its mount are gone afterwards.

using System;
using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Pins;

public sealed class MountDemo(CommandContext context)
{
    private const string Target = "/tmp/demo";
    private const string File = Target + "/story";
    private const string Server = "memfs@" + Target;
    /// <summary>"At once": far below any deadline of a server.</summary>
    private const ulong AtOnceNs = 1_000_000_000;

    private readonly Stage _stage = new(context);
    private readonly ISupervisor _supervisor = context.Services.Supervisor;
    private bool _isMounted;

    public int Run()
    {
        int code = Prepare() && PlayPins() && PlayHold() && PlayVanish()
            ? ExitCode.Success
            : ExitCode.Failure;
        if (_isMounted) _supervisor.Unmount(Target);
        context.Files.RemoveDirectory(Target);
        if (code == ExitCode.Success) Tell("The end: nothing was left behind.");
        return code;
    }

    private bool Prepare()
    {
        Tell("Each scene has a mount of its own. On Linux most of these could not be unmounted.");
        Status status = context.Files.MakeDirectory(Target);
        if (status == Status.AlreadyExists)
        {
            // A demonstration that was killed may have left its mount.
            _supervisor.Unmount(Target);
            status = Status.Ok;
        }
        return Claim(status == Status.Ok, $"mkdir {Target}", status);
    }

    private bool PlayPins()
    {
        foreach (string name in PinSetup.Cases)
        {
            Tell("");
            if (!Mount("")) return false;
            PinSetup setup = new(context.Shell);
            bool isSetUp = setup.SetUp(name, Target);
            bool isGood = isSetUp
                ? PlayPin(name, setup)
                : Claim(false, $"pin {name}: {setup.Description}", Status.Ok);
            setup.CleanUp();
            if (!isGood) return false;
        }
        return true;
    }

    private bool PlayPin(string name, PinSetup setup)
    {
        Tell($"pin {name}:");
        foreach (string line in setup.Description.Split('\n')) Tell($"  {line}");
        return Unmount();
    }

    private bool PlayHold()
    {
        Tell("");
        Tell("A server is killed under an open file. ondeath=hold: calls wait for the next one.");
        if (!Mount("")) return false;
        Result<OpenFile> opened = OpenStory();
        if (!opened.IsOk) return false;
        using OpenFile file = opened.Value;
        if (!KillServer()) return false;
        byte[] text = new byte[64];
        ulong start = context.Services.NowNs;
        Result<uint> read = file.Read(0, text);
        ulong time = context.Services.NowNs - start;
        string claim = $"read, in {Units.Duration(time)}: the same file goes on";
        if (!Claim(read.IsOk, claim, read.Status)) return false;
        if (!Claim(IsListed(), "the mount is still there", Status.Ok)) return false;
        Status written = Write();
        return Claim(written == Status.Ok, "a file can be written and read again", written)
            && Unmount();
    }

    private bool PlayVanish()
    {
        Tell("");
        Tell("The same with ondeath=vanish: the mount goes with its server.");
        if (!Mount("ondeath=vanish")) return false;
        Result<OpenFile> opened = OpenStory();
        if (!opened.IsOk) return false;
        using OpenFile file = opened.Value;
        if (!KillServer()) return false;
        Result<uint> read = file.Read(0, new byte[64]);
        bool isRevoked = read.Status == Status.Revoked;
        if (!Claim(isRevoked, "the open file is revoked", read.Status)) return false;
        bool isGone = !IsListed();
        if (isGone) _isMounted = false;
        if (!Claim(isGone, "the mount is gone from the list", Status.Ok)) return false;
        Result<FileStat> stat = context.Files.Stat(Target);
        return Claim(stat.IsOk, "the directory below it is seen again", stat.Status);
    }

    private bool Mount(string options)
    {
        Status status = _supervisor.Mount("none", Target, "memfs", options);
        _isMounted = status == Status.Ok;
        if (!_isMounted) return Claim(false, $"mount {Target}", status);
        status = Write();
        return status == Status.Ok || Claim(false, $"write {File}", status);
    }

    private bool Unmount()
    {
        ulong start = context.Services.NowNs;
        Result<Unmounted> unmounted = _supervisor.Unmount(Target);
        ulong time = context.Services.NowNs - start;
        bool isGood = unmounted.IsOk && time < AtOnceNs;
        if (!Claim(isGood, $"umount {Target}: done in {Units.Duration(time)}", unmounted.Status))
        {
            return false;
        }
        _isMounted = false;
        return Claim(!IsListed(), "the mount is gone from the list", Status.Ok);
    }

    private Result<OpenFile> OpenStory()
    {
        Result<OpenFile> opened = context.Files.Open(File, OpenMode.Read);
        if (!opened.IsOk) Claim(false, $"open {File}", opened.Status);
        return opened;
    }

    private bool KillServer()
    {
        Status status = _supervisor.Kill(Server);
        return Claim(status == Status.Ok, $"kill {Server}", status);
    }

    /// <summary>Writes the file and reads it again.</summary>
    private Status Write()
    {
        Result<OpenFile> opened = context.Files.Open(
            File, OpenMode.Read | OpenMode.Write | OpenMode.Create);
        if (!opened.IsOk) return opened.Status;
        using OpenFile file = opened.Value;
        Result<uint> written = file.Write(0, "once upon a time\n"u8);
        if (!written.IsOk) return written.Status;
        byte[] text = new byte[64];
        Result<uint> read = file.Read(0, text);
        if (!read.IsOk) return read.Status;
        bool isSame = text.AsSpan(0, (int)read.Value).SequenceEqual("once upon a time\n"u8);
        return isSame ? Status.Ok : Status.IoError;
    }

    private bool IsListed()
    {
        List<string> targets = [];
        Status status = MountList.Targets(context.Services, targets);
        return status != Status.Ok || targets.Contains(Target);
    }

    private void Tell(string line) => _stage.Tell(line);

    private bool Claim(bool holds, string claim, Status status) =>
        _stage.Claim(holds, claim, status);
}
