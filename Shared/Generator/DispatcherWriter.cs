// C# text of a contract's handler interface and dispatcher.

using System.Linq;
using System.Text;

namespace Shared.Generator;

internal static class DispatcherWriter
{
    public static string Write(ContractModel contract)
    {
        StringBuilder text = new();
        text.Append(CodeText.Head);
        text.Append($"/// <summary>What a server of {contract.Name} does.</summary>\n");
        text.Append($"public interface I{contract.Stem}Handler\n{{\n");
        foreach (OperationModel operation in contract.Operations)
        {
            text.Append($"    {CodeText.ReturnType(operation)} {operation.Name}(");
            text.Append("global::Shared.Sdk.Request request");
            foreach (ParameterModel parameter in operation.Parameters)
            {
                text.Append($", {CodeText.HandlerType(parameter)} @{parameter.Name}");
            }
            text.Append(");\n");
        }
        text.Append("}\n\n");
        WriteDispatch(text, contract);
        foreach (OperationModel operation in contract.Operations) Write(text, contract, operation);
        text.Append("}\n");
        return text.ToString();
    }

    private static void WriteDispatch(StringBuilder text, ContractModel contract)
    {
        text.Append($$"""
            /// <summary>Brings requests of {{contract.Name}} to a handler.</summary>
            public static class {{contract.Stem}}Dispatcher
            {
                /// <summary>False when the operation is not one of this contract.</summary>
                public static bool Dispatch(
                    I{{contract.Stem}}Handler handler, global::Shared.Sdk.Request request)
                {
                    switch (request.Operation)
                    {

            """);
        foreach (OperationModel operation in contract.Operations)
        {
            text.Append($"            case {operation.Number}: ");
            text.Append($"return {operation.Name}(handler, request);\n");
        }
        text.Append("            default: return false;\n        }\n    }\n");
    }

    private static void Write(
        StringBuilder text, ContractModel contract, OperationModel operation)
    {
        text.Append($"\n    private static bool {operation.Name}(\n");
        text.Append($"        I{contract.Stem}Handler handler, ");
        text.Append("global::Shared.Sdk.Request request)\n    {\n");
        if (operation.Changes) text.Append(Refuse("!request.MayChange"));
        string expect = operation.WordsBeforeText >= 0 ? "ExpectText" : "Expect";
        text.Append($"        if (!request.{expect}({operation.Leases})) return true;\n");
        foreach (ParameterModel parameter in operation.Parameters)
        {
            text.Append($"        {Take(parameter, operation.WordsBeforeText)}\n");
            if (parameter.ChangeBits == 0) continue;
            string bits = $"((uint)@{parameter.Name} & {parameter.ChangeBits}) != 0";
            text.Append(Refuse($"{bits} && !request.MayChange"));
        }
        string arguments = string.Concat(operation.Parameters.Select(one => $", @{one.Name}"));
        text.Append($"        request.Answer(handler.{operation.Name}(request{arguments}));\n");
        text.Append("        return true;\n");
        text.Append("    }\n");
    }

    private static string Refuse(string condition) =>
        $"        if ({condition})\n        {{\n"
        + "            request.Answer(global::Shared.Abi.Status.ReadOnly);\n"
        + "            return true;\n        }\n";

    private static string Take(ParameterModel parameter, int wordsBeforeText) =>
        parameter.Kind switch
    {
        ParameterKind.Text when wordsBeforeText >= 0 =>
            $"if (!request.TakeText({wordsBeforeText}, out string @{parameter.Name})) return true;",
        ParameterKind.Text => $"if (!request.TakeText(out string @{parameter.Name})) return true;",
        ParameterKind.Words =>
            $"{parameter.Type!.FullName} @{parameter.Name} = "
            + $"request.Take<{parameter.Type.FullName}>();",
        _ => $"if (!request.TakeLease(out {CodeText.HandlerType(parameter)} "
            + $"@{parameter.Name})) return true;",
    };
}
