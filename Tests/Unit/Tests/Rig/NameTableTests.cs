// Names in crash reports: from the compiler's symbols to something near C#.

using NUnit.Framework;
using Tests.Rig.Images;

namespace Tests.Unit.Tests.Rig;

public sealed class NameTableTests
{
    private static readonly string[] Assemblies = ["Servers.Shell", "Shared.Sdk"];

    [TestCase("S_P_CoreLib_System_String__Concat_3", "System.String.Concat")]
    [TestCase("Servers_Shell_Servers_Shell_Program__Main", "Servers.Shell.Program.Main")]
    [TestCase("System_Console_System_IO_ConsoleStream__Flush", "System.IO.ConsoleStream.Flush")]
    [TestCase("S_P_CoreLib_System_Collections_Generic_List_1<Int32>__Add",
        "System.Collections.Generic.List.Add")]
    [TestCase("S_P_CoreLib_System_Exception___ctor_2", "System.Exception..ctor")]
    [TestCase("unbox_Shared_Sdk_Shared_Sdk_Handle__ToString", "Shared.Sdk.Handle.ToString")]
    [TestCase("RhThrowEx", "RhThrowEx")]
    public void Managed_name_is_readable(string symbol, string name)
    {
        string table = NameTable.From($"""
            0000000000500000 T __start___managedcode
            0000000000500010 T {symbol}
            0000000000600000 T __stop___unbox
            """, Assemblies);
        Assert.That(table, Is.EqualTo($"500010 {name}\n"));
    }

    [Test]
    public void Native_name_is_kept_without_parameters_and_data_is_left_out()
    {
        string table = NameTable.From("""
            0000000000401000 T memcpy
            0000000000401100 t WKS::gc_heap::mark(int, unsigned long)
            0000000000401100 t alias_of_mark
            0000000000700000 D some_data
            """, Assemblies);
        Assert.That(table, Is.EqualTo("401000 memcpy\n401100 WKS::gc_heap::mark\n"));
    }
}
