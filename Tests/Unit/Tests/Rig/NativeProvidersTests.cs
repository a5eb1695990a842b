// docs/system-native.md says who provides what. To write it anew: COSMOS_WRITE_DOCS=1.

using System;
using System.IO;
using System.Linq;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Images;

namespace Tests.Unit.Tests.Rig;

public sealed class NativeProvidersTests
{
    [Test]
    public void Page_is_up_to_date()
    {
        string page = NativeProviders.Page();
        string path = Repository.At("docs", "system-native.md");
        if (Environment.GetEnvironmentVariable("COSMOS_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }
        string there = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.That(there, Is.EqualTo(page), "run this test with COSMOS_WRITE_DOCS=1");
    }

    [Test]
    public void Function_has_one_provider()
    {
        string[] all =
        [
            .. NativeProviders.InCSharp().Select(export => export.Name),
            .. NativeProviders.InAssembly(), .. NativeProviders.InC.SelectMany(group => group.All),
        ];
        Assert.That(all, Is.Unique);
        Assert.That(all, Has.Length.AtLeast(100));
    }
}
