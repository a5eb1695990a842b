// Who may depend on whom, by project references.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Tidy;

public sealed class LayerTests
{
    [Test]
    public void Abi_refers_to_nothing() =>
        Offenders.None(References("Shared/Abi/Abi.csproj"));

    [Test]
    public void Contracts_refer_to_the_abi_only() =>
        Assert.That(References("Shared/Contracts/Contracts.csproj"), Is.All.EqualTo("Shared/Abi"));

    [Test]
    public void Kernel_refers_to_the_abi_only() =>
        Assert.That(References("CosmosKernel/CosmosKernel.csproj"), Is.All.EqualTo("Shared/Abi"));

    [Test]
    public void Shared_refers_to_shared_only() =>
        Offenders.None(StrayEdges("Shared"));

    /// <summary>
    /// A server knows others by their contracts. Only the kernel's calls join them.
    /// </summary>
    [Test]
    public void Server_refers_to_shared_only() =>
        Offenders.None(StrayEdges("Servers"));

    [Test]
    public void Guest_program_refers_to_shared_only() =>
        Offenders.None(StrayEdges("Tests/Guest"));

    /// <summary>Linking a source file of another layer would be a reference in disguise.</summary>
    [Test]
    public void Project_compiles_no_file_of_another_layer() =>
        Offenders.None(
        from project in SourceTree.Projects
        where !project.IsBelow("Tests")
        from file in Included(project, "Compile")
        where file.Split('/')[0] != project.Path.Split('/')[0]
        select $"{project.Path}: {file}");

    [Test]
    public void Solution_has_every_project()
    {
        string solution = File.ReadAllText(Repository.At("CosmosKernel.sln")).Replace('\\', '/');
        Offenders.None(SourceTree.Projects.Select(project => project.Path)
            .Where(path => !solution.Contains($"\"{path}\"")),
            "add it: dotnet sln add PROJECT");
    }

    [Test]
    public void Project_does_not_loosen_the_common_rules()
    {
        string[] rules =
            ["<Nullable>", "<ImplicitUsings>", "<TreatWarningsAsErrors>", "<LangVersion>"];
        Offenders.None(SourceTree.Projects.Where(project => rules.Any(project.Text.Contains))
            .Select(project => project.Path));
    }

    private static IEnumerable<string> References(string project) =>
        SourceTree.Projects.Where(file => file.Path == project)
            .SelectMany(file => Included(file, "ProjectReference"))
            .Select(path => Path.GetDirectoryName(path)!.Replace('\\', '/'));

    private static IEnumerable<string> StrayEdges(string folder) =>
        from project in SourceTree.Projects
        where project.IsBelow(folder)
        from target in References(project.Path)
        where !target.StartsWith("Shared/", StringComparison.Ordinal)
        select $"{project.Folder} refers to {target}";

    private static IEnumerable<string> Included(SourceFile project, string item) =>
        from element in XDocument.Parse(project.Text).Descendants(item)
        // An analyzer or generator runs in the compiler, and is no part of the product.
        where element.Attribute("OutputItemType")?.Value != "Analyzer"
        let include = element.Attribute("Include")?.Value
        where include is not null && include.StartsWith("..", StringComparison.Ordinal)
        select Repository.Relative(Path.GetFullPath(Repository.At(project.Folder, include)));
}
