// What the base class library of the running .NET imports from its native layer, from metadata.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Tests.Unit.Shared.Runtime;

/// <param name="Name">Without SystemNative_.</param>
public sealed record NativeImport(string Name, int Parameters, bool RunsWithoutTransition);

public static class NativeImports
{
    private const string Prefix = "SystemNative_";

    public static IReadOnlyList<NativeImport> Read()
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        List<NativeImport> imports = [];
        foreach (string file in Directory.EnumerateFiles(folder, "System*.dll"))
        {
            using PEReader image = new(File.OpenRead(file));
            if (image.HasMetadata) imports.AddRange(Read(image.GetMetadataReader()));
        }
        return imports;
    }

    /// <summary>Names of the fields of Interop.Sys.NAME, wherever it is declared.</summary>
    public static IReadOnlyList<string> FieldsOf(string structName)
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (string file in Directory.EnumerateFiles(folder, "System*.dll"))
        {
            using PEReader image = new(File.OpenRead(file));
            if (!image.HasMetadata) continue;
            MetadataReader reader = image.GetMetadataReader();
            foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
            {
                TypeDefinition type = reader.GetTypeDefinition(handle);
                bool isIt = reader.GetString(type.Name) == structName && IsInSys(reader, type);
                if (!isIt) continue;
                return [.. type.GetFields().Select(field =>
                    reader.GetString(reader.GetFieldDefinition(field).Name))];
            }
        }
        throw new InvalidOperationException($"Interop.Sys.{structName} is not there");
    }

    private static bool IsInSys(MetadataReader reader, TypeDefinition type)
    {
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return !outer.IsNil && reader.GetString(reader.GetTypeDefinition(outer).Name)
            is "Sys" or "Interop";
    }

    private static IEnumerable<NativeImport> Read(MetadataReader reader)
    {
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            MethodImport import = method.GetImport();
            if (import.Module.IsNil) continue;
            string name = reader.GetString(import.Name);
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            int parameters = reader.GetBlobReader(method.Signature).Parameters();
            yield return new NativeImport(
                name[Prefix.Length..], parameters,
                method.GetCustomAttributes().Any(one => IsSuppression(reader, one)));
        }
    }

    /// <summary>A method's signature begins with its kind and the number of parameters.</summary>
    private static int Parameters(this BlobReader signature)
    {
        signature.ReadSignatureHeader();
        return signature.ReadCompressedInteger();
    }

    private static bool IsSuppression(MetadataReader reader, CustomAttributeHandle handle)
    {
        EntityHandle maker = reader.GetCustomAttribute(handle).Constructor;
        StringHandle name = maker.Kind == HandleKind.MethodDefinition
            ? reader.GetTypeDefinition(reader.GetMethodDefinition((MethodDefinitionHandle)maker)
                .GetDeclaringType()).Name
            : reader.GetTypeReference((TypeReferenceHandle)reader.GetMemberReference(
                (MemberReferenceHandle)maker).Parent).Name;
        return reader.GetString(name) == "SuppressGCTransitionAttribute";
    }
}
