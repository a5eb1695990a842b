// What lives how long, where the suite is client, server and supervisor in one.

using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance.Hosted;

public abstract partial class LoopbackConformance
{
    [Test]
    public void Opening_and_closing_leaves_nothing_behind()
    {
        _host.Make("f", "text");
        _host.OpenDirectory("").Dispose();
        int before = _host.Machine.CountCapabilities(_host.Server.Kernel);
        for (int i = 0; i < 100; i++)
        {
            _host.Open("f", OpenMode.Read).Dispose();
            _host.OpenDirectory("").Dispose();
            Root.Open("missing", OpenMode.Read);
        }
        Assert.That(
            _host.Machine.CountCapabilities(_host.Server.Kernel), Is.EqualTo(before));
    }

    [Test]
    public void Files_of_a_killed_client_are_closed()
    {
        ulong before = _host.UsedBytes;
        OpenObject file = _host.Open("f", Both | OpenMode.Create);
        file.Write(0, "text");
        Root.RemoveFile("f");
        LoopbackKernel observer = _host.Machine.CreateTask("observer");
        FileSystemClient other = new(
            observer, _host.Server.Connect(observer, LoopbackMount.RootBadge));
        _host.Task.Die();
        Assert.That(other.DescribeVolume().Value.UsedBytes, Is.EqualTo(before));
    }

    [Test]
    public void Revoked_mount_takes_every_capability_along()
    {
        _host.Make("f", "text");
        LoopbackKernel owner = _host.Server.Owner;
        Handle mount = owner.Mint(
            _host.Server.OwnerEndpoint, Rights.All, LoopbackMount.RootBadge).Value;
        Handle copy = owner.Mint(
            mount, Rights.Use, LoopbackMount.RootBadge).Value;
        FileSystemClient root = new(_host.Task, owner.Give(copy, _host.Task));
        using OpenObject directory = new(
            _host.Task, root.OpenDirectory("").Value.Handle);
        using OpenObject file = new(
            _host.Task, directory.Calls.Open("f", OpenMode.Read).Value.File.Handle);
        Assert.That(file.ReadText(), Is.EqualTo("text"));
        Assert.That(owner.Revoke(mount), Is.EqualTo(Status.Ok));
        Assert.That(file.Calls.Read(0, new byte[1]).Status, Is.EqualTo(Status.Revoked));
        Assert.That(directory.Calls.Stat("").Status, Is.EqualTo(Status.Revoked));
        Assert.That(root.Stat("").Status, Is.EqualTo(Status.Revoked));
        Assert.That(_host.ReadText("f"), Is.EqualTo("text"));
    }

    [Test]
    public void Lock_that_was_closed_while_the_server_was_dead_is_gone()
    {
        OpenObject holder = OpenToLock();
        using OpenObject other = OpenToLock();
        holder.Calls.Lock(LockMode.Exclusive);
        _host.Server.Kill();
        holder.Dispose();
        _host.KillAndRestart();
        Assert.That(other.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok));
    }
}
