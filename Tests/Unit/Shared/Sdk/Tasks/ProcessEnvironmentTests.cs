// A variable of the process is what it was started with, asked for one by one or all together.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Sdk.Tasks;

namespace Tests.Unit.Shared.Sdk.Tasks;

[TestFixture, NonParallelizable]
public sealed class ProcessEnvironmentTests
{
    private const string Name = "COSMOS_TEST_VARIABLE";

    [TearDown]
    public void Forget() => Environment.SetEnvironmentVariable(Name, null);

    [Test]
    public void Variable_is_found_by_its_name_and_in_the_list()
    {
        ProcessEnvironment environment = new();
        Assert.That(environment.GetValueOrDefault(Name), Is.Null);
        Assert.That(environment.ContainsKey(Name), Is.False);
        int before = environment.Count;
        Environment.SetEnvironmentVariable(Name, "a value");
        Assert.That(environment[Name], Is.EqualTo("a value"));
        Assert.That(environment, Does.Contain(new KeyValuePair<string, string>(Name, "a value")));
        Assert.That(environment, Has.Count.EqualTo(before + 1));
    }

    [Test]
    public void Variable_that_is_not_there_is_a_key_that_is_not_found() =>
        Assert.That(() => new ProcessEnvironment()[Name], Throws.TypeOf<KeyNotFoundException>());
}
