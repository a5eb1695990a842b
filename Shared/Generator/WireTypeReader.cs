// Sizes and capability places of the types that may lie in words.

using System;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Shared.Generator;

public static class WireTypeReader
{
    private const string CapabilityName = "Shared.Contracts.Capability";

    /// <summary>Null, and why, when the type cannot go into words.</summary>
    public static WireType? Read(ITypeSymbol symbol, out string reason)
    {
        reason = "";
        WireType type = new()
        {
            FullName = symbol.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            ShortName = symbol.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
        };
        int sizeBytes = IntegerBytes(symbol);
        if (sizeBytes == 0 && symbol is INamedTypeSymbol { EnumUnderlyingType: { } underlying })
        {
            sizeBytes = IntegerBytes(underlying);
        }
        if (sizeBytes != 0)
        {
            type.SizeBytes = type.AlignmentBytes = sizeBytes;
            ReadMembers(symbol, type);
            return type;
        }
        if (symbol.ToDisplayString() == CapabilityName)
        {
            type.SizeBytes = type.AlignmentBytes = 8;
            type.CapabilityMask = 1;
            type.IsCapability = true;
            return type;
        }
        if (symbol.ToDisplayString() == "Shared.Abi.Handle")
        {
            reason = "a handle means nothing to another process; use Capability";
            return null;
        }
        bool isStruct = symbol is INamedTypeSymbol
        {
            TypeKind: TypeKind.Struct, IsGenericType: false, SpecialType: SpecialType.None,
        };
        if (isStruct) return ReadStruct(symbol, type, out reason);
        reason = "only integers, enums, Capability and structs of them may";
        return null;
    }

    private static WireType? ReadStruct(ITypeSymbol symbol, WireType type, out string reason)
    {
        reason = "";
        int offset = 0;
        foreach (IFieldSymbol field in symbol.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.IsStatic || field.IsConst) continue;
            WireType? inner = Read(field.Type, out reason);
            if (inner is null)
            {
                reason = $"field {FieldName(field)}: {reason}";
                return null;
            }
            offset = RoundUp(offset, inner.AlignmentBytes);
            type.CapabilityMask |= inner.CapabilityMask << offset / 8;
            offset += inner.SizeBytes;
            type.AlignmentBytes = Math.Max(type.AlignmentBytes, inner.AlignmentBytes);
            type.Fields.Add($"{inner.ShortName} {FieldName(field)}");
            type.Inner.Add(inner);
        }
        if (offset == 0)
        {
            reason = "it has no fields";
            return null;
        }
        type.SizeBytes = Math.Max(RoundUp(offset, type.AlignmentBytes), ExplicitSize(symbol));
        return type;
    }

    private static void ReadMembers(ITypeSymbol symbol, WireType type)
    {
        if (symbol.TypeKind != TypeKind.Enum) return;
        foreach (IFieldSymbol member in symbol.GetMembers().OfType<IFieldSymbol>())
        {
            if (!member.HasConstantValue) continue;
            type.Members.Add($"{member.Name} = {member.ConstantValue}");
        }
    }

    private static int ExplicitSize(ITypeSymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (attribute.AttributeClass?.Name != "StructLayoutAttribute") continue;
            foreach (var argument in attribute.NamedArguments)
            {
                if (argument.Key == "Size" && argument.Value.Value is int size) return size;
            }
        }
        return 0;
    }

    // The backing field of a property is called <Name>k__BackingField.
    private static string FieldName(IFieldSymbol field)
    {
        string name = field.Name;
        int end = name.IndexOf('>');
        return name.Length > 0 && name[0] == '<' && end > 0 ? name.Substring(1, end - 1) : name;
    }

    private static int RoundUp(int value, int alignment) =>
        (value + alignment - 1) / alignment * alignment;

    private static int IntegerBytes(ITypeSymbol symbol) => symbol.SpecialType switch
    {
        SpecialType.System_Byte or SpecialType.System_SByte => 1,
        SpecialType.System_UInt16 or SpecialType.System_Int16 => 2,
        SpecialType.System_UInt32 or SpecialType.System_Int32 => 4,
        SpecialType.System_UInt64 or SpecialType.System_Int64 => 8,
        _ => 0,
    };
}
