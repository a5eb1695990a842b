// A mount of its own, for as long as a measurement lasts.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class Mounted : IDisposable
{
    public const string Directory = "/tmp/benchrows";
    /// <summary>Below the mount: it is seen when the mount is not.</summary>
    private const string Hidden = Directory + "/hidden";

    private readonly SupervisorClient _supervisor;
    private readonly FileApi _files;
    private bool _isGone;

    public Mounted(
        SupervisorClient supervisor, FileApi files, string type, string options = "")
    {
        (_supervisor, _files) = (supervisor, files);
        files.MakeDirectory(Directory);
        BenchMount.Require(files.WriteAll(Hidden, []), "hidden file");
        BenchMount.Require(supervisor.Mount("none", Directory, type, options), "mount");
        // Vfs hears of it a little later.
        while (files.Stat(Hidden).Status != Status.NotFound) Thread.Sleep(1);
    }

    public void Unmount()
    {
        BenchMount.Require(_supervisor.Unmount(Directory).Status, "umount");
        _isGone = true;
    }

    /// <summary>Its server has died, and its endpoint with it.</summary>
    public void NoteVanished() => _isGone = true;

    public void Dispose()
    {
        if (!_isGone) Unmount();
        while (_files.Stat(Hidden).Status != Status.Ok) Thread.Sleep(1);
        _files.RemoveFile(Hidden);
        _files.RemoveDirectory(Directory);
    }
}
