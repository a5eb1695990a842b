// docs/contracts.md says what the contracts say. To write it anew: COSMOS_WRITE_DOCS=1.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using NUnit.Framework;
using Shared.Generator;

namespace Tests.Unit.Shared.Generator;

public sealed class ReferencePageTests
{
    [Test]
    public void Page_is_up_to_date()
    {
        List<Diagnostic> found = [];
        string page = ReferencePage.Write(ContractSources.ReadRepository(found));
        Assert.That(found, Is.Empty);
        string path = Path.Combine(ContractSources.Root(), "docs", "contracts.md");
        if (Environment.GetEnvironmentVariable("COSMOS_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }
        string there = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.That(there, Is.EqualTo(page), "run this test with COSMOS_WRITE_DOCS=1");
    }

    [Test]
    public void Contract_ids_are_distinct()
    {
        List<ContractModel> contracts = ContractSources.ReadRepository([]);
        Assert.That(contracts, Has.Count.AtLeast(7));
        Assert.That(contracts.Select(one => one.Id), Is.Unique);
    }
}
