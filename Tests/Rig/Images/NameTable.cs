// Makes the table by which crash reports and panics name methods: "hexaddress name" a line, sorted.
//
// Rules: at most MaxBytes; names are for people, as near to C# as the compiler's names allow.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace Tests.Rig.Images;

public static partial class NameTable
{
    private const int MaxBytes = 768 * 1024;
    private const int MaxNameChars = 100;
    private const int AddressChars = 16;
    private const int KindColumn = 17;
    private const int NameColumn = 19;
    private const string ManagedFirst = "__start___managedcode";
    private const string ManagedEnd = "__stop___unbox";

    /// <summary>What the compiler makes beside methods, and nobody looks for in a stack.</summary>
    private static readonly string[] Noise = ["__GetGCStaticBase", "__DelegateCtor"];

    public static async Task Write(ImageProject image, IReadOnlyCollection<string> assemblies)
    {
        string symbols = await Tool.Must("nm", "-n", "-C", "--defined-only", image.DebugFile);
        string table = From(symbols, assemblies);
        if (table.Length > MaxBytes)
        {
            throw new RigException($"image {image.Name}: its name table has {table.Length} bytes");
        }
        File.WriteAllText(image.NameTable, table, Encoding.ASCII);
    }

    /// <summary>From the output of nm, sorted by address, to the table.</summary>
    public static string From(string symbols, IReadOnlyCollection<string> assemblies)
    {
        string[] prefixes = [.. assemblies.Select(name => name.Replace('.', '_') + "_")
            .OrderByDescending(prefix => prefix.Length)];
        var table = new StringBuilder();
        string last = "";
        bool isManaged = false;
        foreach (string line in symbols.Split('\n'))
        {
            if (line.Length <= NameColumn || line[KindColumn] is not ('t' or 'T' or 'W')) continue;
            string address = line[..AddressChars].TrimStart('0');
            string name = line[NameColumn..].TrimEnd();
            if (name == ManagedFirst || name == ManagedEnd)
            {
                isManaged = name == ManagedFirst;
                continue;
            }
            if (address == last || Noise.Any(name.StartsWith)) continue;
            last = address;
            string readable = isManaged ? Managed(name, prefixes) : Native(name);
            if (readable.Length > MaxNameChars) readable = readable[..MaxNameChars];
            table.Append(address).Append(' ').Append(readable).Append('\n');
        }
        return table.ToString();
    }

    /// <summary>A demangled C++ name without its parameters, or a C name as it is.</summary>
    private static string Native(string name)
    {
        int parameters = name.IndexOf('(', 1);
        return (parameters > 0 ? name[..parameters] : name).Replace(' ', '_');
    }

    /// <summary>S_P_CoreLib_System_String__Concat_3 is System.String.Concat.</summary>
    private static string Managed(string name, string[] prefixes)
    {
        string plain = name;
        for (string before = ""; before != plain;)
        {
            before = plain;
            plain = TypeArguments().Replace(plain, "");
        }
        if (plain.StartsWith("unbox_", StringComparison.Ordinal)) plain = plain["unbox_".Length..];
        string? prefix =
            prefixes.FirstOrDefault(start => plain.StartsWith(start, StringComparison.Ordinal));
        plain = prefix is null ? FrameworkAssembly().Replace(plain, "") : plain[prefix.Length..];
        int split = plain.IndexOf("__", Math.Min(1, plain.Length), StringComparison.Ordinal);
        if (split < 0) return plain;
        string type = Arity().Replace(plain[..split], "").Replace('_', '.');
        string method = Overload().Replace(plain[(split + 2)..], "");
        bool isConstructor = method is "_ctor" or "_cctor";
        return $"{type}.{(isConstructor ? method.Replace('_', '.') : method)}";
    }

    [GeneratedRegex("<[^<>]*>")]
    private static partial Regex TypeArguments();

    [GeneratedRegex("_[0-9]+(?=_|$)")]
    private static partial Regex Arity();

    [GeneratedRegex("_[0-9]+$")]
    private static partial Regex Overload();

    /// <summary>S_P_CoreLib_, or the first of the two in System_Console_System_Console.</summary>
    [GeneratedRegex("^(S_P_[A-Za-z]+_|System_[A-Za-z_]*?_(?=System_|Internal_))")]
    private static partial Regex FrameworkAssembly();
}
