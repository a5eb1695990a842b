// The trap assembly and the C# records must agree on where things lie.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CosmosKernel.Arch;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Unit.CosmosKernel.Arch;

public sealed partial class TrapOffsetTests
{
    [GeneratedRegex(@"\.set FRAME_(\w+), (\d+)")]
    private static partial Regex FrameOffset();

    [GeneratedRegex(@"#define CPU_(\w+) (\d+)")]
    private static partial Regex CpuOffset();

    [Test]
    public void Frame_has_the_offsets_of_the_assembly()
    {
        Dictionary<string, int> fields = OffsetsOf<UserFrame>();
        MatchCollection found = FrameOffset().Matches(Source("Arch/X64/Trap.S"));
        Assert.That(found, Has.Count.EqualTo(27));
        foreach (Match match in found)
        {
            string name = match.Groups[1].Value;
            string field = fields.Keys.Single(
                key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
            Assert.That(int.Parse(match.Groups[2].Value), Is.EqualTo(fields[field]), name);
        }
    }

    [Test]
    public void Frame_holds_the_vector_state_aligned() =>
        Assert.That(OffsetsOf<UserFrame>()["VectorState"] % 64, Is.Zero);

    [Test]
    public void Processor_record_has_the_offsets_of_the_header()
    {
        Dictionary<string, int> header = CpuOffset().Matches(Source("Arch/X64/Trap.h"))
            .ToDictionary(match => match.Groups[1].Value.Replace("_", ""),
                match => int.Parse(match.Groups[2].Value), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, int offset) in OffsetsOf<Cpu>())
        {
            string key = name == "PendingInterrupts" ? "Pending" : name;
            Assert.That(header[key], Is.EqualTo(offset), name);
        }
    }

    private static Dictionary<string, int> OffsetsOf<T>() => typeof(T)
        .GetFields(BindingFlags.Public | BindingFlags.Instance)
        .ToDictionary(field => field.Name,
            field => field.GetCustomAttribute<FieldOffsetAttribute>()!.Value);

    private static string Source(string path) =>
        File.ReadAllText(Repository.At("CosmosKernel", path));
}
