// Locks of open files: who gets one, who is refused, and what ends one.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    protected OpenObject OpenToLock() => _mount.Open("f", Both | OpenMode.Create);

    [Test]
    public void Exclusive_lock_is_refused_to_another_and_kept()
    {
        using OpenObject holder = OpenToLock(), other = OpenToLock();
        Assert.That(holder.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok));
        Assert.That(other.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
        Assert.That(other.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Locked));
        Assert.That(holder.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok), "again");
        Assert.That(other.Calls.Lock(LockMode.None), Is.EqualTo(Status.Ok), "has none");
        Assert.That(other.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
    }

    [Test]
    public void Shared_locks_go_together_and_keep_an_exclusive_one_out()
    {
        using OpenObject one = OpenToLock(), two = OpenToLock(), three = OpenToLock();
        Assert.That(one.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Ok));
        Assert.That(two.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Ok));
        Assert.That(three.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
        Assert.That(one.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
        Assert.That(two.Calls.Lock(LockMode.None), Is.EqualTo(Status.Ok));
        Assert.That(one.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok), "alone now");
        Assert.That(three.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Locked));
    }

    [Test]
    public void Refused_change_of_a_lock_leaves_the_old_one()
    {
        using OpenObject one = OpenToLock(), two = OpenToLock();
        one.Calls.Lock(LockMode.Shared);
        two.Calls.Lock(LockMode.Shared);
        Assert.That(one.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
        two.Calls.Lock(LockMode.None);
        Assert.That(two.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Locked));
    }

    [Test]
    public void Lock_goes_with_the_last_copy_of_its_capability()
    {
        OpenObject holder = OpenToLock();
        using OpenObject other = OpenToLock();
        holder.Calls.Lock(LockMode.Exclusive);
        Handle copy = _mount.Client.Copy(holder.Handle, Rights.All).Value;
        holder.Dispose();
        Assert.That(other.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Locked));
        _mount.Client.Close(copy);
        Assert.That(other.Calls.Lock(LockMode.Exclusive), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Lock_survives_the_death_of_the_server()
    {
        using OpenObject holder = OpenToLock(), other = OpenToLock();
        holder.Calls.Lock(LockMode.Exclusive);
        _mount.KillAndRestart();
        Assert.That(other.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Locked));
        Assert.That(holder.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Ok));
        _mount.KillAndRestart();
        Assert.That(other.Calls.Lock(LockMode.Shared), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Lock_hinders_nobody_who_does_not_ask_for_it()
    {
        using OpenObject holder = OpenToLock(), other = OpenToLock();
        holder.Calls.Lock(LockMode.Exclusive);
        other.Write(0, "text");
        Assert.That(other.ReadText(), Is.EqualTo("text"));
        Assert.That(Root.RemoveFile("f"), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Locks_are_for_files_alone()
    {
        using OpenObject file = OpenToLock();
        Assert.That(file.Calls.Lock((LockMode)3), Is.EqualTo(Status.BadArgument));
        Assert.That(Root.Lock(LockMode.Shared), Is.EqualTo(Status.IsDirectory));
    }

    [Test]
    public void Append_mode_writes_at_the_end_whatever_the_offset_also_after_a_death()
    {
        _mount.Make("f", "one ");
        using OpenObject log = _mount.Open("f", OpenMode.Write | OpenMode.Append);
        log.Write(0, "two ");
        _mount.KillAndRestart();
        log.Write(0, "three");
        Assert.That(_mount.ReadText("f"), Is.EqualTo("one two three"));
        Assert.That(
            Root.Open("f", OpenMode.Read | OpenMode.Append).Status, Is.EqualTo(Status.BadArgument));
    }
}
