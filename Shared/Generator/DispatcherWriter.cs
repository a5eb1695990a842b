// C# text of a contract's handler interface and dispatcher.

using System.Linq;
using System.Text;

namespace Shared.Generator;

internal sealed class DispatcherWriter
{
    private readonly ContractModel _contract;
    private readonly TextStyle _texts;
    private readonly StringBuilder _text = new();
    /// <summary>What the names of handler and dispatcher begin with.</summary>
    private readonly string _stem;

    private DispatcherWriter(ContractModel contract, TextStyle texts)
    {
        _contract = contract;
        _texts = texts;
        _stem = texts == TextStyle.Utf8 ? contract.Stem + "Utf8" : contract.Stem;
    }

    public static string Write(ContractModel contract)
    {
        string text = CodeText.Head + new DispatcherWriter(contract, TextStyle.String).Write();
        return contract.HasUtf8Handlers
            ? text + "\n" + new DispatcherWriter(contract, TextStyle.Utf8).Write() : text;
    }

    private string Write()
    {
        string with = _texts == TextStyle.Utf8 ? ", with texts as they came" : "";
        _text.Append($"/// <summary>What a server of {_contract.Name} does{with}.</summary>\n");
        _text.Append($"public interface I{_stem}Handler\n{{\n");
        foreach (OperationModel operation in _contract.Operations)
        {
            _text.Append($"    {CodeText.ReturnType(operation)} {operation.Name}(");
            _text.Append("global::Shared.Sdk.Request request");
            foreach (ParameterModel parameter in operation.Parameters)
            {
                _text.Append($", {CodeText.HandlerType(parameter, _texts)} @{parameter.Name}");
            }
            _text.Append(");\n");
        }
        _text.Append("}\n\n");
        WriteDispatch();
        foreach (OperationModel operation in _contract.Operations) Write(operation);
        _text.Append("}\n");
        return _text.ToString();
    }

    private void WriteDispatch()
    {
        _text.Append($$"""
            /// <summary>Brings requests of {{_contract.Name}} to a handler.</summary>
            public static class {{_stem}}Dispatcher
            {
                /// <summary>False when the operation is not one of this contract.</summary>
                public static bool Dispatch(
                    I{{_stem}}Handler handler, global::Shared.Sdk.Request request)
                {
                    switch (request.Operation)
                    {

            """);
        foreach (OperationModel operation in _contract.Operations)
        {
            _text.Append($"            case {operation.Number}: ");
            _text.Append($"return {operation.Name}(handler, request);\n");
        }
        _text.Append("            default: return false;\n        }\n    }\n");
    }

    private void Write(OperationModel operation)
    {
        _text.Append($"\n    private static bool {operation.Name}(\n");
        _text.Append($"        I{_stem}Handler handler, ");
        _text.Append("global::Shared.Sdk.Request request)\n    {\n");
        if (operation.Changes) _text.Append(Refuse("!request.MayChange"));
        string expect = operation.WordsBeforeText >= 0 ? "ExpectText" : "Expect";
        _text.Append($"        if (!request.{expect}({operation.Leases})) return true;\n");
        foreach (ParameterModel parameter in operation.Parameters)
        {
            _text.Append($"        {Take(parameter, operation.WordsBeforeText)}\n");
            if (parameter.ChangeBits == 0) continue;
            string bits = $"((uint)@{parameter.Name} & {parameter.ChangeBits}) != 0";
            _text.Append(Refuse($"{bits} && !request.MayChange"));
        }
        string arguments = string.Concat(operation.Parameters.Select(one => $", @{one.Name}"));
        _text.Append($"        request.Answer(handler.{operation.Name}(request{arguments}));\n");
        _text.Append("        return true;\n");
        _text.Append("    }\n");
    }

    private static string Refuse(string condition) =>
        $"        if ({condition})\n        {{\n"
        + "            request.Answer(global::Shared.Abi.Status.ReadOnly);\n"
        + "            return true;\n        }\n";

    private string Take(ParameterModel parameter, int wordsBeforeText) => parameter.Kind switch
    {
        ParameterKind.Text =>
            $"if (!request.TakeText({(wordsBeforeText >= 0 ? $"{wordsBeforeText}, " : "")}"
            + $"out {CodeText.HandlerType(parameter, _texts)} @{parameter.Name})) return true;",
        ParameterKind.Words =>
            $"{parameter.Type!.FullName} @{parameter.Name} = "
            + $"request.Take<{parameter.Type.FullName}>();",
        _ => $"if (!request.TakeLease(out {CodeText.HandlerType(parameter, _texts)} "
            + $"@{parameter.Name})) return true;",
    };
}
