// Compiles contracts from text, so that the generator's reader can be asked about them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shared.Abi;
using Shared.Contracts;
using Shared.Generator;

namespace Tests.Unit.Shared.Generator;

internal static class ContractSources
{
    private static readonly CSharpParseOptions Options = new(
        LanguageVersion.Latest, DocumentationMode.Parse);

    /// <summary>Reads one contract with these members; answers the ids of broken rules.</summary>
    public static string[] Check(string members)
    {
        string text = $$"""
            using System;
            using Shared.Abi;
            using Shared.Contracts;
            namespace Wrong;
            public struct Seven { public ulong A, B, C, D, E, F, G; }
            public struct WithText { public string Text; }
            public struct Five { public Capability A, B, C, D, E; }
            [Contract(id: 99, version: 1)]
            public interface IWrong { {{members}} }
            """;
        List<Diagnostic> found = [];
        Read([CSharpSyntaxTree.ParseText(text, Options)], found);
        return found.Select(one => one.Id).ToArray();
    }

    /// <summary>The contracts of this repository, with their documentation comments.</summary>
    public static List<ContractModel> ReadRepository(List<Diagnostic> found)
    {
        string folder = Path.Combine(Root(), "Shared", "Contracts");
        IEnumerable<SyntaxTree> trees = Directory.GetFiles(
            folder, "*.cs", SearchOption.AllDirectories).Where(
            // What a build has put there, once for each of its configurations.
            static path => !path.Contains("/obj/") && !path.Contains("/bin/")).Select(
            path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), Options, path));
        return Read(trees, found, typeof(Status));
    }

    /// <summary>The repository's folder.</summary>
    public static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("not in the repository");
    }

    private static List<ContractModel> Read(
        IEnumerable<SyntaxTree> trees, List<Diagnostic> found, params Type[] references)
    {
        if (references.Length == 0) references = [typeof(Status), typeof(ContractAttribute)];
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        IEnumerable<string> paths = platform.Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System."))
            .Concat(references.Select(type => type.Assembly.Location));
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Contracts", trees, paths.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Diagnostic[] errors = compilation.GetDiagnostics()
            .Where(one => one.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length != 0) throw new InvalidOperationException(errors[0].ToString());
        ContractReader reader = new(found.Add);
        return ContractGenerator.Types(compilation.Assembly.GlobalNamespace)
            .Where(ContractReader.IsContract).Select(reader.Read).ToList();
    }
}
