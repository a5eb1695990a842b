// The page docs/contracts.md, made from the contracts. A unit test holds the page to it.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Shared.Generator;

public static class ReferencePage
{
    private const string Head = """
        # Contracts

        Made from `Shared/Contracts` by `Shared/Generator`; a test compares it. Do not edit.

        How an operation becomes a message:
        - The info word's code is the operation's number; `[MayBlock]` and `[Idempotent]` set
          flags, and so does `Short`: at most one word each way and no capability.
        - Integers, enums and structs lie in the six words in order, each rounded up to whole
          words of 8 bytes, little endian, the rest zero.
        - A `Capability`, alone or in a struct, takes one word: the place of its handle among the
          message's handles, counted from 1, or 0 for `Handle.None`. A place that does not exist,
          or that an earlier word has named, reads as `Handle.None`.
        - `string` (UTF-8, at most 4,096 bytes), `ReadOnlySpan<byte>` (callee reads) and
          `Span<byte>` (callee writes) become leases in order. A text that is too long is
          `TooLarge`, one that is not Unicode `InvalidName`; neither is sent. A call with other
          leases than these is `BadArgument`. A single lease that is no text lies in the last two
          words (`InlineLease`) when the parameters take at most one and the answer four.
        - The reply's code is the `Status`. When it is `Ok`, the value of a `Result<T>` lies in
          the words as above.
        - A handle that was received and that no parameter names is closed at once.
        - An operation that changes something is answered `ReadOnly` when its call came through a
          capability without the right Write.
        - A client sends an operation again (three times at most) when it is `[Idempotent]` and
          has ended with `PeerDied` and `MaybeExecuted`. It never sends any other call twice.

        """;

    public static string Write(IEnumerable<ContractModel> contracts)
    {
        List<ContractModel> sorted = contracts.OrderBy(one => one.Id).ToList();
        StringBuilder text = new(Head);
        SortedDictionary<string, WireType> types = new(StringComparer.Ordinal);
        foreach (ContractModel contract in sorted) Write(text, contract, types);
        text.Append("\n## Types\n\n| type | words | is |\n|---|---|---|\n");
        foreach (WireType type in types.Values)
        {
            string content = string.Join(", ", type.Fields.Concat(type.Members));
            text.Append($"| `{type.ShortName}` | {type.Words} | {content} |\n");
        }
        return text.ToString();
    }

    private static void Write(
        StringBuilder text, ContractModel contract, SortedDictionary<string, WireType> types)
    {
        text.Append($"\n## {contract.Name}\n\nContract {contract.Id}, version {contract.Version}.");
        if (contract.Summary.Length != 0) text.Append($" {contract.Summary}");
        text.Append("\n\n| nr | operation | answers | flags | is |\n|---|---|---|---|---|\n");
        foreach (OperationModel operation in contract.Operations)
        {
            string parameters = string.Join(", ", operation.Parameters.Select(
                one => $"{TypeOf(one)} {one.Name}"));
            string answer = operation.Result is null
                ? "Status" : $"Result<{operation.Result.ShortName}>";
            string flags = (operation.IsIdempotent ? "idempotent " : "")
                + (operation.MayBlock ? "may block " : "") + ChangesOf(operation);
            text.Append($"| {operation.Number} | `{operation.Name}({parameters})` | `{answer}` ");
            text.Append($"| {flags.Trim()} | {operation.Summary.Replace("|", "\\|")} |\n");
            foreach (WireType? type in operation.Parameters.Select(one => one.Type)
                .Concat(new[] { operation.Result }))
            {
                if (type is not null) Collect(type, types);
            }
        }
    }

    private static string ChangesOf(OperationModel operation) =>
        operation.Changes ? "changes"
        : operation.Parameters.Any(one => one.ChangeBits != 0) ? "changes with some modes" : "";

    private static void Collect(WireType type, SortedDictionary<string, WireType> types)
    {
        if (type.Fields.Count + type.Members.Count != 0) types[type.ShortName] = type;
        foreach (WireType inner in type.Inner) Collect(inner, types);
    }

    private static string TypeOf(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.Text => "string",
        ParameterKind.ReadLease => "ReadOnlySpan<byte>",
        ParameterKind.WriteLease => "Span<byte>",
        _ => parameter.Type?.ShortName ?? "?",
    };
}
