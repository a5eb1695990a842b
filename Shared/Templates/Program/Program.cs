// An ordinary console program: nothing in it knows of CosmosKernel.

using System;
using System.IO;

string name = args.Length > 0 ? args[0] : "world";
Console.WriteLine($"Hello, {name}! I am in {Environment.CurrentDirectory}.");
foreach (string entry in Directory.GetFileSystemEntries(".")) Console.WriteLine($"  {entry}");
