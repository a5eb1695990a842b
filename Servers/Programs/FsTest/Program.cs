// `fstest DIRECTORY [NAME]`: tests System.IO on the file system of a directory, and says what
// failed. The same cases run on the host's own file system (Tests/Conformance).

using System;
using System.IO;
using Servers.Programs.FsTest;
using Servers.Programs.FsTest.Cases;

if (args.Length is 0 or > 2 || args[0].StartsWith('-'))
{
    Console.Error.WriteLine("fstest: usage: fstest DIRECTORY [NAME]");
    return 2;
}
string root = Path.GetFullPath(args[0]);
string filter = args.Length > 1 ? args[1] : "";
int passed = 0, failed = 0;
foreach (Case test in OperatingSystem.IsLinux() ? CaseList.ForGuest() : CaseList.Everywhere())
{
    if (!test.Name.Contains(filter, StringComparison.Ordinal)) continue;
    if (test.Run(root) is { } reason)
    {
        failed++;
        Console.WriteLine($"FAILED {test.Name}: {reason}");
    }
    else
    {
        passed++;
    }
}
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 && passed > 0 ? 0 : 1;
