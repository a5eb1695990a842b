// Every function of .NET's native layer that an image has is known, and in a program it is ours
// where it should be. Looks at the linked images; boots nothing.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Images;

namespace Tests.Boot.Programs;

public sealed class NativeImportTests
{
    private const string ManagedFirst = "__start___managedcode";
    private const string ManagedEnd = "__stop___managedcode";

    private static IEnumerable<string> Images => ImageProject.All().Select(image => image.Name);

    private sealed record Symbols(IReadOnlyDictionary<string, ulong> Addresses)
    {
        public IEnumerable<string> Native => Addresses.Keys
            .Where(name => name.StartsWith(NativeProviders.Prefix, StringComparison.Ordinal))
            .Select(name => name[NativeProviders.Prefix.Length..]);

        public bool IsManaged(string name)
        {
            ulong address = Addresses[NativeProviders.Prefix + name];
            return address >= Addresses[ManagedFirst] && address < Addresses[ManagedEnd];
        }
    }

    [TestCaseSource(nameof(Images))]
    public async Task Image_has_known_functions_only(string name)
    {
        ImageProject image = ImageProject.All().Single(image => image.Name == name);
        Symbols symbols = await Read(image);
        HashSet<string> ours = [.. NativeProviders.InCSharp().Select(export => export.Name)];
        HashSet<string> inC = [.. NativeProviders.InC.SelectMany(group => group.All)];
        HashSet<string> known = [.. ours, .. inC, .. NativeProviders.InAssembly()];
        Assert.That(symbols.Native.Where(function => !known.Contains(function)), Is.Empty,
            "unknown: say in Tests/Rig/Images/NativeProviders.cs why C may provide it");
        Assert.That(symbols.Native.Count(), Is.GreaterThan(10));
        string[] managed = [.. symbols.Native.Where(symbols.IsManaged)];
        Assert.That(managed, Is.EquivalentTo(image.IsProgram ? ours : []));
    }

    private static async Task<Symbols> Read(ImageProject image)
    {
        Dictionary<string, ulong> addresses = [];
        string text = await Tool.Must("nm", "--defined-only", image.DebugFile);
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length != 3) continue;
            addresses[words[2]] = ulong.Parse(words[0], NumberStyles.HexNumber);
        }
        return new Symbols(addresses);
    }
}
