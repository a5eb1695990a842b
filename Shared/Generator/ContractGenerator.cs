// The generator itself: checks contracts where they are written, and writes clients, handlers and
// dispatchers where Shared.Sdk is compiled.

using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Shared.Generator;

[Generator(LanguageNames.CSharp)]
public sealed class ContractGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var written = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Shared.Contracts.ContractAttribute",
            static (node, _) => node is InterfaceDeclarationSyntax,
            static (found, _) => (INamedTypeSymbol)found.TargetSymbol);
        context.RegisterSourceOutput(written, static (output, symbol) =>
            new ContractReader(output.ReportDiagnostic).Read(symbol));

        context.RegisterSourceOutput(context.CompilationProvider, static (output, compilation) =>
        {
            if (compilation.AssemblyName == "Shared.Sdk") WriteAll(output, compilation);
        });
    }

    private static void WriteAll(SourceProductionContext output, Compilation compilation)
    {
        bool isWrong = false;
        ContractReader reader = new(diagnostic =>
        {
            isWrong = true;
            output.ReportDiagnostic(diagnostic);
        });
        List<ContractModel> contracts = compilation.SourceModule.ReferencedAssemblySymbols
            .Where(assembly => assembly.Name == "Shared.Contracts")
            .SelectMany(assembly => Types(assembly.GlobalNamespace))
            .Where(ContractReader.IsContract)
            .Select(reader.Read)
            .ToList();
        if (isWrong) return;
        foreach (ContractModel contract in contracts)
        {
            Add(output, $"{contract.Stem}Client.g.cs", ClientWriter.Write(contract));
            Add(output, $"{contract.Stem}Dispatcher.g.cs", DispatcherWriter.Write(contract));
        }
        Add(output, "WireFormat.g.cs", WriteMasks(contracts));
    }

    /// <summary>All named types of a namespace and those below it.</summary>
    public static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetTypeMembers().Concat(space.GetNamespaceMembers().SelectMany(Types));

    private static string WriteMasks(List<ContractModel> contracts)
    {
        SortedDictionary<string, uint> masks = new(System.StringComparer.Ordinal);
        foreach (OperationModel operation in contracts.SelectMany(one => one.Operations))
        {
            foreach (WireType? type in operation.Parameters.Select(one => one.Type)
                .Concat(new[] { operation.Result }))
            {
                if (type is { CapabilityMask: not 0 }) masks[type.FullName] = type.CapabilityMask;
            }
        }
        StringBuilder text = new(CodeText.HeadOf("Shared.Sdk.Calls"));
        text.Append("public static partial class WireFormat\n{\n");
        text.Append("    /// <summary>Bit N is set when word N is a capability.</summary>\n");
        text.Append("    [System.Runtime.CompilerServices.MethodImpl("
            + "System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]\n");
        text.Append("    public static uint CapabilityMask<T>() where T : unmanaged\n    {\n");
        foreach (KeyValuePair<string, uint> mask in masks)
        {
            text.Append($"        if (typeof(T) == typeof({mask.Key})) return {mask.Value};\n");
        }
        text.Append("        return 0;\n    }\n}\n");
        return text.ToString();
    }

    private static void Add(SourceProductionContext output, string name, string text) =>
        output.AddSource(name, SourceText.From(text, Encoding.UTF8));
}
