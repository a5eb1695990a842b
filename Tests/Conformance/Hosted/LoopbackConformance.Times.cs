// Times of files, where the suite moves the server's clock.

using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Tests.Conformance.Writable;

namespace Tests.Conformance.Hosted;

public abstract partial class LoopbackConformance
{
    [Test]
    public void Write_of_nothing_changes_nothing()
    {
        using OpenObject file = _host.Open("f", Both | OpenMode.Create);
        ulong before = _host.Stat("f").ModifiedNs;
        NowNs += 5;
        Assert.That(file.Calls.Write(100, default).Status, Is.EqualTo(Status.Ok));
        Assert.That(file.Calls.Append(default).Value, Is.Zero);
        Assert.That(_host.Stat("f").LengthBytes, Is.Zero);
        Assert.That(_host.Stat("f").ModifiedNs, Is.EqualTo(before));
    }

    [Test]
    public void Change_sets_the_time_and_reading_does_not()
    {
        _host.Make("f", "text");
        ulong made = _host.Stat("f").ModifiedNs;
        using OpenObject file = _host.Open("f", Both);
        NowNs += 6 * SecondNs;
        file.ReadAll();
        Assert.That(_host.Stat("f").ModifiedNs, Is.EqualTo(made));
        file.Write(0, "T");
        Assert.That(_host.Stat("f").ModifiedNs, Is.EqualTo(made + 6 * SecondNs));
        NowNs += 6 * SecondNs;
        file.Calls.SetLength(1);
        Assert.That(_host.Stat("f").ModifiedNs, Is.EqualTo(made + 12 * SecondNs));
    }

    [Test]
    public void Rename_sets_the_times_of_both_directories()
    {
        MakeRenameTree();
        NowNs += 8 * SecondNs;
        ulong own = _host.Stat("d/f").ModifiedNs;
        Root.Rename("d/f", "e/f");
        Assert.That(_host.Stat("d").ModifiedNs, Is.EqualTo(StartNs + 8 * SecondNs));
        Assert.That(_host.Stat("e").ModifiedNs, Is.EqualTo(StartNs + 8 * SecondNs));
        Assert.That(_host.Stat("e/f").ModifiedNs, Is.EqualTo(own));
    }

    [Test]
    public void Change_of_names_sets_the_time_of_the_directory()
    {
        _host.MakeDirectory("d");
        NowNs += 4 * SecondNs;
        _host.Make("d/f");
        Assert.That(_host.Stat("d").ModifiedNs, Is.EqualTo(StartNs + 4 * SecondNs));
        NowNs += 2 * SecondNs;
        Root.RemoveFile("d/f");
        Assert.That(_host.Stat("d").ModifiedNs, Is.EqualTo(StartNs + 6 * SecondNs));
    }

    [Test]
    public void Time_of_zero_is_now()
    {
        _host.Make("f");
        NowNs = StartNs + 60 * SecondNs;
        Assert.That(Root.SetTime("f", 0), Is.EqualTo(Status.Ok));
        Assert.That(_host.Stat("f").ModifiedNs, Is.EqualTo(StartNs + 60 * SecondNs));
    }
}
