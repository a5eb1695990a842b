// The story of `demo upgrade`: a server is replaced by another build under an open file; one that
// is no good, or too old for the files, is refused, and nobody notices.
//
// Rules: the mount is the play's own. Whatever happens, it is gone afterwards.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Pins;

public sealed class UpgradeDemo(CommandContext context)
{
    private const string Target = "/tmp/upgrade";
    private const string File = Target + "/story";
    private const string Server = "memfs@" + Target;
    private const string Old = "memfs", New = "memfs2", Bad = "memfs3";

    private readonly Stage _stage = new(context);
    private readonly ISupervisor _supervisor = context.Services.Supervisor;
    private string _expected = "";

    public int Run()
    {
        bool isGood = Prepare() && Play();
        Status status = _supervisor.Unmount(Target).Status;
        context.Files.RemoveDirectory(Target);
        if (isGood) isGood = _stage.Claim(status == Status.Ok, $"umount {Target}", status);
        if (!isGood) return ExitCode.Failure;
        _stage.Tell("The end: nothing was lost, nothing is left.");
        return ExitCode.Success;
    }

    private bool Prepare()
    {
        _stage.Tell("A file server is replaced while a file is open. Nobody closes anything.");
        Status status = context.Files.MakeDirectory(Target);
        if (status == Status.AlreadyExists)
        {
            // A demonstration that was killed may have left its mount.
            _supervisor.Unmount(Target);
            status = Status.Ok;
        }
        if (!_stage.Claim(status == Status.Ok, $"mkdir {Target}", status)) return false;
        status = _supervisor.Mount("none", Target, Old, "");
        return _stage.Claim(status == Status.Ok, $"mount -t {Old} none {Target}", status);
    }

    private bool Play()
    {
        Result<OpenFile> opened = context.Files.Open(
            File, OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Append);
        if (!opened.IsOk) return _stage.Claim(false, $"open {File}", opened.Status);
        using OpenFile file = opened.Value;
        Handle handle = file.Handle;
        bool isGood = GoesOn(file, "written with the old version\n")
            && PlayBad(file) && PlayNew(file) && PlayOld(file);
        return isGood && _stage.Claim(
            file.Handle == handle, "it has been the same open file all the time");
    }

    private bool PlayBad(OpenFile file)
    {
        _stage.Tell("");
        _stage.Tell($"{Bad} is broken. A new version is tried first: it opens the files of the");
        _stage.Tell("old one, and the kernel puts each page aside that it changes. It fails:");
        return Refused(Bad) && RunsAs(Old)
            && GoesOn(file, "written after the broken version\n");
    }

    private bool PlayNew(OpenFile file)
    {
        _stage.Tell("");
        _stage.Tell($"{New} is good, and keeps times of creation. It brings the files to its own");
        _stage.Tell("format, proves that it can go on, and takes over; requests have waited:");
        ulong start = context.Services.NowNs;
        Status status = _supervisor.Upgrade(Server, New);
        string time = Units.Duration(context.Services.NowNs - start);
        if (!_stage.Claim(status == Status.Ok, $"upgrade {Server} {New}, in {time}", status))
        {
            return false;
        }
        if (!RunsAs(New) || !GoesOn(file, "written with the new version\n")) return false;
        status = _supervisor.Kill(Server);
        return _stage.Claim(status == Status.Ok, $"kill {Server}: the next one", status)
            && RunsAs(New) && GoesOn(file, "written by its next incarnation\n");
    }

    private bool PlayOld(OpenFile file)
    {
        _stage.Tell("");
        _stage.Tell($"There is no way back: {Old} does not know the format, and says so:");
        return Refused(Old) && RunsAs(New)
            && GoesOn(file, "written after the downgrade that was not\n");
    }

    private bool Refused(string image)
    {
        Status status = _supervisor.Upgrade(Server, image);
        return _stage.Claim(
            status == Status.Refused, $"upgrade {Server} {image} is refused", status);
    }

    /// <summary>Appends a line, and reads all that was ever written.</summary>
    private bool GoesOn(OpenFile file, string line)
    {
        Result<ulong> end = file.Append(Encoding.UTF8.GetBytes(line));
        _expected += line;
        byte[] text = new byte[1024];
        Result<uint> read = file.Read(0, text);
        bool isRight = end.IsOk && read.IsOk
            && Encoding.UTF8.GetString(text, 0, (int)read.Value) == _expected;
        Status status = end.IsOk ? read.Status : end.Status;
        return _stage.Claim(isRight, $"the open file has all its lines, {Count()}", status);
    }

    private int Count() => _expected.AsSpan().Count('\n');

    private bool RunsAs(string image)
    {
        List<string> lines = [];
        Status status = TextPages.ReadLines(_supervisor.ListServers, lines);
        bool isSo = lines.Exists(line =>
            line.StartsWith(Server + " ", StringComparison.Ordinal)
            && line.TrimEnd().EndsWith(" " + image, StringComparison.Ordinal));
        return _stage.Claim(isSo, $"servers: {Server} is {image}", status);
    }
}
