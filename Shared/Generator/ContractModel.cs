// What the generator knows of a contract: plain data, read once from the compiler's symbols.

using System.Collections.Generic;

namespace Shared.Generator;

public enum ParameterKind
{
    /// <summary>Words of the message: integers, enums, structs, Capability.</summary>
    Words,
    /// <summary>A string: a read lease of UTF-8.</summary>
    Text,
    /// <summary>ReadOnlySpan of byte: the callee may read.</summary>
    ReadLease,
    /// <summary>Span of byte: the callee may write.</summary>
    WriteLease,
}

/// <summary>A type that lies in words.</summary>
public sealed class WireType
{
    /// <summary>With global::, for code.</summary>
    public string FullName = "";
    /// <summary>For people.</summary>
    public string ShortName = "";
    public int SizeBytes;
    public int AlignmentBytes = 1;
    /// <summary>Bit N is set when word N is a capability.</summary>
    public uint CapabilityMask;
    /// <summary>"type name" of each field, empty for what is no struct.</summary>
    public List<string> Fields = new();
    /// <summary>The types of the fields.</summary>
    public List<WireType> Inner = new();
    /// <summary>"name = value" of each member, empty for what is no enum.</summary>
    public List<string> Members = new();
    public bool IsCapability;
    public int Words => (SizeBytes + 7) / 8;

    public int Capabilities
    {
        get
        {
            int count = 0;
            for (uint mask = CapabilityMask; mask != 0; mask >>= 1) count += (int)(mask & 1);
            return count;
        }
    }
}

public sealed class ParameterModel
{
    public string Name = "";
    public ParameterKind Kind;
    /// <summary>Only for ParameterKind.Words.</summary>
    public WireType? Type;
    /// <summary>With one of these bits it makes the operation change something.</summary>
    public uint ChangeBits;
}

public sealed class OperationModel
{
    public string Name = "";
    public int Number;
    public bool IsIdempotent;
    public bool MayBlock;
    /// <summary>Whatever its parameters are.</summary>
    public bool Changes;
    public string Summary = "";
    public List<ParameterModel> Parameters = new();
    /// <summary>Null when the operation answers a Status alone.</summary>
    public WireType? Result;

    /// <summary>At most one word each way, and no capability: a short call.</summary>
    public bool IsShort
    {
        get
        {
            int words = 0;
            foreach (ParameterModel parameter in Parameters)
            {
                if (parameter.Type is not { CapabilityMask: 0 } type) return false;
                words += type.Words;
            }
            return words <= 1 && (Result is null || Result is { CapabilityMask: 0, Words: 1 });
        }
    }

    /// <summary>
    /// One lease that is no text, at most a word beside it, and at most four back: all of it lies
    /// in the words.
    /// </summary>
    public bool IsLeaseCall
    {
        get
        {
            int words = 0;
            foreach (ParameterModel parameter in Parameters)
            {
                if (parameter.Kind == ParameterKind.Text) return false;
                if (parameter.Type is { CapabilityMask: not 0 }) return false;
                words += parameter.Type?.Words ?? 0;
            }
            return Leases == 1 && words <= 1
                && (Result is null || Result is { CapabilityMask: 0, Words: <= 4 });
        }
    }

    /// <summary>
    /// Its only text may lie in the words behind the other parameters, when it is short enough; -1
    /// where there is none, or no room. Else the number of words before it.
    /// </summary>
    public int WordsBeforeText
    {
        get
        {
            int texts = 0, words = 0;
            bool isFirstLease = true;
            foreach (ParameterModel parameter in Parameters)
            {
                if (parameter.Kind == ParameterKind.Text) texts++;
                else if (parameter.Type is { } type) words += type.Words;
                else if (texts == 0) isFirstLease = false;
            }
            return texts == 1 && isFirstLease && words <= MostWordsBeforeText ? words : -1;
        }
    }

    /// <summary>At least two of the six are left, for 15 bytes.</summary>
    private const int MostWordsBeforeText = 4;

    public int Leases
    {
        get
        {
            int count = 0;
            foreach (ParameterModel parameter in Parameters)
            {
                if (parameter.Kind != ParameterKind.Words) count++;
            }
            return count;
        }
    }
}

public sealed class ContractModel
{
    /// <summary>IFileSystem.</summary>
    public string Name = "";
    public string FullName = "";
    public int Id;
    public int Version;
    public string Summary = "";
    /// <summary>Handlers may have texts as UTF-8 instead.</summary>
    public bool HasUtf8Handlers;
    public List<OperationModel> Operations = new();
    /// <summary>FileSystem.</summary>
    public string Stem => Name.Length > 1 && Name[0] == 'I' ? Name.Substring(1) : Name;
}
