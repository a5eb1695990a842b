// What the words of `mount -o` mean to MemFs.

using NUnit.Framework;
using Servers.MemFs;

namespace Tests.Unit.Servers.MemFs;

public sealed class MemFsOptionsTests
{
    [Test]
    public void Words_are_read_and_those_of_others_are_left()
    {
        MemFsOptions options = MemFsOptions.Parse("ondeath=vanish,ro,size=64K,skeleton");
        Assert.That(options.Access, Is.EqualTo(Access.ReadOnly));
        Assert.That(options.QuotaBytes, Is.EqualTo(64 * 1024));
        Assert.That(options.DirectoriesAtStart, Does.Contain("mnt").And.Contain("proc"));
    }

    [TestCase("")]
    [TestCase("ondeath=hold")]
    [TestCase("size=")]
    [TestCase("size=-1")]
    [TestCase("size=99999999999999999999")]
    [TestCase("size=99999999999M")]
    public void Default_stays_when_nothing_good_is_said(string text) =>
        Assert.That(MemFsOptions.Parse(text), Is.EqualTo(MemFsOptions.Default));
}
