// The commands on files, each on a real file of a real mount.

using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class FilesTests : BootTest
{
    [Test]
    public void Files_are_made_read_moved_and_removed()
    {
        Succeeds("mkdir -p /home/a/b; cd /home/a");
        Succeeds("write f one two; append f three; cp f g; mv g b/h; touch empty");
        Assert.That(Succeeds("pwd; ls"), Is.EqualTo("/home/a\nb/\nempty\nf"));
        Assert.That(Succeeds("cat b/h"), Is.EqualTo("one two\nthree"));
        Assert.That(Succeeds("wc f"), Is.EqualTo("2 3 14 f"));
        Assert.That(Succeeds("head -n 1 ../a/f"), Is.EqualTo("one two"));
        Assert.That(Succeeds("stat f"), Does.Contain("file, 14 bytes"));
        Assert.That(Succeeds("ls -l"), Does.Match("(?m)^file +14 .* f$"));
        Assert.That(Succeeds("hexdump empty; hexdump f"), Does.Contain("|one two.three.|"));
        Assert.That(Succeeds("df /home"), Does.Match("(?m)^/home +[0-9]+M "));
        Succeeds("sync");
        Fails("rmdir b");
        Fails("rm b");
        Succeeds("rm -r b; rm f empty; cd ..; rmdir a");
        Assert.That(Succeeds("ls"), Is.Empty);
    }

    [Test]
    public void Digest_of_what_is_read_back_is_that_of_what_was_written()
    {
        Succeeds("cat /proc/log > /tmp/a; cp /tmp/a /tmp/b");
        string digest = Succeeds("cat /tmp/a | sha256sum");
        Assert.That(Succeeds("sha256sum < /tmp/b"), Is.EqualTo(digest));
    }
}
