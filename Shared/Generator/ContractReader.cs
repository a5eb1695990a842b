// From an interface marked [Contract] to a ContractModel, with a diagnostic for each broken rule.
//
// Works on symbols, wherever they come from: the contracts' own compilation (diagnostics then have
// places), or the referenced assembly when the SDK is compiled.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Shared.Generator;

public sealed class ContractReader(Action<Diagnostic> report)
{
    private const string Namespace = "Shared.Contracts.";
    private const string ChangesName = "ChangesAttribute";

    public static bool IsContract(INamedTypeSymbol symbol) =>
        symbol.TypeKind == TypeKind.Interface && Find(symbol, "ContractAttribute") is not null;

    public ContractModel Read(INamedTypeSymbol symbol)
    {
        AttributeData contract = Find(symbol, "ContractAttribute")!;
        ContractModel model = new()
        {
            Name = symbol.Name,
            FullName = symbol.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            Id = Argument(contract, 0),
            Version = Argument(contract, 1),
            Summary = Summary(symbol),
            HasUtf8Handlers = Find(symbol, "Utf8HandlersAttribute") is not null,
        };
        HashSet<string> names = new();
        Dictionary<int, string> numbers = new();
        foreach (ISymbol member in symbol.GetMembers())
        {
            bool isPlain = member is IMethodSymbol
            {
                MethodKind: MethodKind.Ordinary, IsStatic: false, IsGenericMethod: false,
            } && names.Add(member.Name);
            if (!isPlain)
            {
                Report(ContractRules.BadMember, member, Label(member));
                continue;
            }
            OperationModel operation = ReadOperation((IMethodSymbol)member);
            if (numbers.TryGetValue(operation.Number, out string? other))
            {
                Report(ContractRules.SameNumber, member, Label(member), operation.Number, other);
            }
            else if (operation.Number != 0) numbers.Add(operation.Number, member.Name);
            model.Operations.Add(operation);
        }
        model.Operations.Sort((left, right) => left.Number.CompareTo(right.Number));
        return model;
    }

    private OperationModel ReadOperation(IMethodSymbol method)
    {
        AttributeData? number = Find(method, "OpAttribute");
        OperationModel operation = new()
        {
            Name = method.Name,
            Number = number is null ? 0 : Argument(number, 0),
            IsIdempotent = Find(method, "IdempotentAttribute") is not null,
            MayBlock = Find(method, "MayBlockAttribute") is not null,
            Changes = Find(method, ChangesName) is not null,
            Summary = Summary(method),
        };
        if (operation.Number == 0) Report(ContractRules.NoNumber, method, Label(method));
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            operation.Parameters.Add(ReadParameter(method, parameter));
        }
        operation.Result = ReadResult(method);
        CheckLimits(method, operation);
        return operation;
    }

    private ParameterModel ReadParameter(IMethodSymbol method, IParameterSymbol parameter)
    {
        ParameterModel model = new() { Name = parameter.Name };
        string type = parameter.Type.ToDisplayString();
        if (parameter.RefKind != RefKind.None) type = $"{parameter.RefKind} {type}";
        switch (type)
        {
            case "string":
                model.Kind = ParameterKind.Text;
                break;
            case "System.ReadOnlySpan<byte>":
                model.Kind = ParameterKind.ReadLease;
                break;
            case "System.Span<byte>":
                model.Kind = ParameterKind.WriteLease;
                break;
            default:
                string reason = "it is not passed by value";
                if (parameter.RefKind == RefKind.None)
                {
                    model.Type = WireTypeReader.Read(parameter.Type, out reason);
                }
                if (model.Type is null)
                {
                    Report(ContractRules.UnsupportedType, method, Label(method),
                        $"{type} {parameter.Name}", reason);
                }
                break;
        }
        model.ChangeBits = ChangeBits(method, parameter, model);
        return model;
    }

    private uint ChangeBits(IMethodSymbol method, IParameterSymbol parameter, ParameterModel model)
    {
        if (Find(parameter, ChangesName) is not { } changes) return 0;
        if (model.Type is { Members.Count: not 0 })
            return (uint)changes.ConstructorArguments[0].Value!;
        Report(ContractRules.NoBits, method, Label(method), parameter.Name);
        return 0;
    }

    private WireType? ReadResult(IMethodSymbol method)
    {
        string type = method.ReturnType.ToDisplayString();
        if (type == "Shared.Abi.Status") return null;
        bool isResult = method.ReturnType.OriginalDefinition.ToDisplayString()
            == "Shared.Contracts.Result<T>";
        if (!isResult)
        {
            Report(ContractRules.BadReturn, method, Label(method), type);
            return null;
        }
        ITypeSymbol value = ((INamedTypeSymbol)method.ReturnType).TypeArguments[0];
        WireType? read = WireTypeReader.Read(value, out string reason);
        if (read is null)
        {
            Report(ContractRules.UnsupportedType, method, Label(method), value.Name, reason);
        }
        return read;
    }

    private void CheckLimits(IMethodSymbol method, OperationModel operation)
    {
        int words = operation.Parameters.Sum(parameter => parameter.Type?.Words ?? 0);
        int handles = operation.Parameters.Sum(parameter => parameter.Type?.Capabilities ?? 0);
        CheckSizes(method, "its parameters", words, handles);
        CheckSizes(method, "its results", operation.Result?.Words ?? 0,
            operation.Result?.Capabilities ?? 0);
        if (operation.Leases > ContractRules.MaxLeases)
        {
            Report(ContractRules.TooManyLeases, method, Label(method), operation.Leases);
        }
    }

    private void CheckSizes(IMethodSymbol method, string what, int words, int handles)
    {
        if (words > ContractRules.MaxWords)
        {
            Report(ContractRules.TooManyWords, method, Label(method), what, words);
        }
        if (handles > ContractRules.MaxCapabilities)
        {
            Report(ContractRules.TooManyCapabilities, method, Label(method), what, handles);
        }
    }

    private void Report(DiagnosticDescriptor rule, ISymbol place, params object[] arguments)
    {
        Location location = place.Locations.FirstOrDefault(one => one.IsInSource) ?? Location.None;
        report(Diagnostic.Create(rule, location, arguments));
    }

    private static string Label(ISymbol member) => $"{member.ContainingType.Name}.{member.Name}";

    private static AttributeData? Find(ISymbol symbol, string attribute) =>
        symbol.GetAttributes().FirstOrDefault(
            one => one.AttributeClass?.ToDisplayString() == Namespace + attribute);

    private static int Argument(AttributeData attribute, int index) =>
        index < attribute.ConstructorArguments.Length
            ? Convert.ToInt32(attribute.ConstructorArguments[index].Value) : 0;

    private static string Summary(ISymbol symbol)
    {
        string xml = symbol.GetDocumentationCommentXml() ?? "";
        if (xml.Length == 0) return "";
        XElement? summary = XElement.Parse(xml).Element("summary");
        return summary is null ? "" : Regex.Replace(summary.Value, @"\s+", " ").Trim();
    }
}
