// C# text of a contract's client.

using System.Linq;
using System.Text;

namespace Shared.Generator;

internal static class ClientWriter
{
    public static string Write(ContractModel contract)
    {
        StringBuilder text = new();
        text.Append(CodeText.Head);
        text.Append($$"""
            /// <summary>Calls {{contract.Name}} through a capability, which stays open.</summary>
            public sealed class {{contract.Stem}}Client(
                global::Shared.Sdk.IKernel kernel, global::Shared.Abi.Handle endpoint,
                global::Shared.Sdk.CallOptions options = default) : {{contract.FullName}}
            {
                public global::Shared.Abi.Handle Endpoint => endpoint;

                /// <summary>Goes with each call from now on.</summary>
                public global::Shared.Sdk.CallOptions Options { get; set; } = options;

                /// <summary>Whether the last call may have run, if no server answered it.</summary>
                public global::Shared.Abi.Outcome LastOutcome { get; private set; }

            """);
        foreach (OperationModel operation in contract.Operations) Write(text, operation);
        text.Append("}\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, OperationModel operation)
    {
        string type = CodeText.ReturnType(operation);
        bool hasText = operation.Parameters.Any(static one => one.Kind == ParameterKind.Text);
        if (hasText) WriteForString(text, operation, type);
        string parameters = Parameters(operation, CodeText.ClientType);
        text.Append('\n');
        text.Append("    [global::System.Runtime.CompilerServices.SkipLocalsInit]\n");
        text.Append($"    public {type} {operation.Name}({parameters})\n    {{\n");
        if (operation.IsShort)
        {
            WriteShort(text, operation, type);
            return;
        }
        if (operation.IsLeaseCall)
        {
            WriteLease(text, operation, type);
            return;
        }
        text.Append("        scoped global::Shared.Sdk.Calls.OutgoingCall call = new(\n");
        text.Append($"            kernel, endpoint, Options, {operation.Number}, ");
        text.Append($"{Flags(operation)});\n");
        // A text may lie behind all words, and lends before other leases if it does not.
        foreach (ParameterModel parameter in operation.Parameters.Where(IsWords))
            text.Append($"        {Add(parameter)}\n");
        foreach (ParameterModel parameter in operation.Parameters.Where(one => !IsWords(one)))
        {
            bool isInline = parameter.Kind == ParameterKind.Text && operation.WordsBeforeText >= 0;
            string inline = isInline ? $"if (!call.TryAddText(@{parameter.Name})) " : "";
            text.Append($"        {inline}{Add(parameter)}\n");
        }
        string send = operation.Result is { } result
            ? $"SendForResult<{result.FullName}>()" : "SendForStatus()";
        text.Append($"        {type} answer = call.{send};\n");
        text.Append("        LastOutcome = call.Outcome;\n");
        text.Append("        return answer;\n");
        text.Append("    }\n");
    }

    /// <summary>The contract's own method; others may have a part of a text.</summary>
    private static void WriteForString(StringBuilder text, OperationModel operation, string type)
    {
        string arguments = string.Join(", ", operation.Parameters.Select(one =>
            one.Kind == ParameterKind.Text
                ? $"global::System.MemoryExtensions.AsSpan(@{one.Name})" : $"@{one.Name}"));
        text.Append($"\n    public {type} {operation.Name}(");
        text.Append($"{Parameters(operation, CodeText.ContractType)}) =>\n");
        text.Append($"        {operation.Name}({arguments});\n");
    }

    private static string Parameters(
        OperationModel operation, System.Func<ParameterModel, string> typeOf) =>
        string.Join(", ", operation.Parameters.Select(one => $"{typeOf(one)} @{one.Name}"));

    private static void WriteShort(StringBuilder text, OperationModel operation, string type)
    {
        string send = operation.Result is { } result ? $"Send<{result.FullName}>" : "Send";
        string word = Word(operation);
        text.Append($"        {type} answer = global::Shared.Sdk.Calls.ShortCall.{send}(\n");
        text.Append("            kernel, endpoint, Options, new global::Shared.Abi.MessageInfo(\n");
        text.Append($"                {operation.Number}, flags: {Flags(operation)}),\n");
        text.Append($"            {word}, out global::Shared.Abi.Outcome outcome);\n");
        text.Append("        LastOutcome = outcome;\n        return answer;\n    }\n");
    }

    private static void WriteLease(StringBuilder text, OperationModel operation, string type)
    {
        string send = operation.Result is { } result ? $"Send<{result.FullName}>" : "Send";
        ParameterModel lease = operation.Parameters.First(one => !IsWords(one));
        string rights = lease.Kind == ParameterKind.ReadLease ? "Read" : "Write";
        text.Append($"        {type} answer = global::Shared.Sdk.Calls.LeaseCall.{send}(\n");
        text.Append("            kernel, endpoint, Options, new global::Shared.Abi.MessageInfo(\n");
        text.Append($"                {operation.Number}, leases: 1, ");
        text.Append($"flags: {Flags(operation)}),\n");
        text.Append($"            {Word(operation)}, @{lease.Name},\n");
        text.Append($"            global::Shared.Abi.LeaseRights.{rights},\n");
        text.Append("            out global::Shared.Abi.Outcome outcome);\n");
        text.Append("        LastOutcome = outcome;\n        return answer;\n    }\n");
    }

    /// <summary>The only word that the operation sends, or zero.</summary>
    private static string Word(OperationModel operation) =>
        operation.Parameters.FirstOrDefault(IsWords) is { } parameter
            ? $"global::Shared.Sdk.Calls.ShortCall.WordOf(@{parameter.Name})" : "0";

    private static string Flags(OperationModel operation) =>
        "(global::Shared.Abi.MessageFlags)"
        + ((operation.MayBlock ? 1 : 0) | (operation.IsIdempotent ? 2 : 0)
            | (operation.IsShort ? 4 : 0) | (operation.IsLeaseCall ? 32 : 0));

    private static bool IsWords(ParameterModel parameter) =>
        parameter.Kind == ParameterKind.Words;

    private static string Add(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.Text => $"call.LendText(@{parameter.Name}, "
            + "stackalloc byte[global::Shared.Sdk.Calls.WireFormat."
            + $"ScratchBytes(@{parameter.Name})]);",
        ParameterKind.ReadLease => $"call.LendRead(@{parameter.Name});",
        ParameterKind.WriteLease => $"call.LendWrite(@{parameter.Name});",
        _ => $"call.Add(@{parameter.Name});",
    };
}
