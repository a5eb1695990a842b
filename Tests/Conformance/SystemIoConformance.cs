// The cases of `fstest` on the host's own file system, with Microsoft's own native layer: the
// oracle for what the same cases say in the guest (Tests/Boot/Programs/FsTestTests.cs).

using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using Servers.Programs.FsTest;
using Servers.Programs.FsTest.Cases;

namespace Tests.Conformance;

public sealed class SystemIoConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cosmos-fstest-").FullName;

    private static IEnumerable<Case> Cases => CaseList.Everywhere();

    [TestCaseSource(nameof(Cases))]
    public void Case_passes_on_the_host(Case test) =>
        Assert.That(test.Run(_folder), Is.Null);

    [Test]
    public void Case_that_fails_says_why()
    {
        Case wrong = new("wrong", static folder => Check.Equal(folder.Length, 0));
        Assert.That(wrong.Run(_folder), Does.StartWith("folder.Length is "));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);
}
