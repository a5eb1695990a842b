// What operations on files cost a .NET program that uses System.IO alone: `run benchio [N [ROW]]`.
//
// It knows nothing of CosmosKernel. The rows are those of Tests/Guest/Bench/FileRows.cs, each with
// "System.IO " before its name; the files lie in a directory of their own on the root's memfs.

using System;
using System.IO;
using Tests.Guest.BenchIo;

int count = args.Length > 0 ? int.Parse(args[0]) : 400;
string directory = Path.Combine(Path.GetTempPath(), "benchio");
Directory.CreateDirectory(directory);
try
{
    new IoRows(directory, count, args.Length > 1 ? args[1] : null).Run();
    return 0;
}
finally
{
    Directory.Delete(directory, recursive: true);
}
