// The exports of Shared/Runtime fit what the base class library imports.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Shared.Runtime;

namespace Tests.Unit.Shared.Runtime;

public sealed class ExportTests
{
    /// <summary>Imported by NativeAOT's own library alone: not that of these tests.</summary>
    private static readonly string[] OfNativeAot = ["Abort"];

    private static readonly IReadOnlyList<NativeImport> Imports = NativeImports.Read();

    private static IEnumerable<(string Name, MethodInfo Method)> Exports =>
        from type in typeof(ProgramState).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        let export = method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()
        where export?.EntryPoint is not null
        select (export.EntryPoint!["SystemNative_".Length..], method);

    [Test]
    public void Export_is_imported_with_as_many_parameters()
    {
        string[] wrong =
        [
            .. from export in Exports
            where !OfNativeAot.Contains(export.Name)
            let counts = Imports.Where(import => import.Name == export.Name)
                .Select(import => import.Parameters).Distinct().ToArray()
            where counts.Length != 1 || counts[0] != export.Method.GetParameters().Length
            select $"{export.Name}: {string.Join(' ', counts)} parameters",
        ];
        Assert.That(wrong, Is.Empty);
        Assert.That(Exports.Count(), Is.AtLeast(80));
    }

    /// <summary>The process's collector would wait for ever for a call that waits.</summary>
    [Test]
    public void Export_is_never_called_without_a_transition()
    {
        HashSet<string> forbidden = [.. Imports.Where(import => import.RunsWithoutTransition)
            .Select(import => import.Name)];
        Assert.That(forbidden, Does.Contain("GetErrNo").And.Contain("GetTimestamp"));
        Assert.That(Exports.Select(export => export.Name).Where(forbidden.Contains), Is.Empty);
    }

    [Test]
    public void Export_uses_neither_files_nor_the_console_of_the_library()
    {
        IEnumerable<string> referenced = typeof(ProgramState).Assembly.GetReferencedAssemblies()
            .Select(assembly => assembly.Name!);
        Assert.That(referenced, Has.None.EqualTo("System.Console"));
        Assert.That(referenced, Has.None.StartsWith("System.IO"));
    }

    [TestCase("FileStatus")]
    [TestCase("DirectoryEntry")]
    [TestCase("IOVector")]
    [TestCase("TimeSpec")]
    [TestCase("PollEvent")]
    [TestCase("WinSize")]
    [TestCase("MountPointInformation")]
    public void Layout_is_that_of_the_library(string name)
    {
        Type ours = typeof(ProgramState).Assembly.GetType($"Shared.Runtime.Exports.{name}")!;
        IEnumerable<string> fields = ours
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(field => field.MetadataToken).Select(field => field.Name);
        Assert.That(fields, Is.EqualTo(NativeImports.FieldsOf(name)));
    }
}
