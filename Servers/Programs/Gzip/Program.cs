// `gzip [-cdk] [FILE...]`: packs each file into FILE.gz, or unpacks it again with -d.
//
// -c writes to the output, -k keeps the file; without a file it is a filter. 2 for an error. What
// is half written when something fails is removed.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;

const string Usage = "usage: gzip [-cdk] [FILE...]";
const string Ending = ".gz";
const int Error = 2;

string options = string.Concat(args.TakeWhile(IsOption).Select(option => option[1..]));
List<string> files = [.. args.SkipWhile(IsOption)];
if (options.Any(letter => !"cdk".Contains(letter))) return Fail(Usage);
bool isUnpacking = options.Contains('d');
int code = 0;
if (files.Count == 0)
{
    code = Try(() => Convert(Console.OpenStandardInput(), Console.OpenStandardOutput()));
}
foreach (string file in files)
{
    int result = Try(() => ConvertFile(file));
    if (result != 0) code = result;
}
return code;

void ConvertFile(string file)
{
    bool isNamedSo = file.EndsWith(Ending, StringComparison.Ordinal);
    if (isUnpacking != isNamedSo)
    {
        string rule = isUnpacking ? "must end" : "must not end";
        throw new IOException($"{file}: the name {rule} in {Ending}");
    }
    using FileStream source = File.OpenRead(file);
    if (options.Contains('c'))
    {
        Convert(source, Console.OpenStandardOutput());
        return;
    }
    string target = isUnpacking ? file[..^Ending.Length] : file + Ending;
    // An existing file is not replaced, so what is removed below is always this one.
    FileStream made = new(target, FileMode.CreateNew);
    try
    {
        using (made) Convert(source, made);
    }
    catch
    {
        File.Delete(target);
        throw;
    }
    File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(file));
    if (!options.Contains('k')) File.Delete(file);
}

void Convert(Stream source, Stream target)
{
    if (isUnpacking)
    {
        using GZipStream unpacked = new(source, CompressionMode.Decompress);
        unpacked.CopyTo(target);
    }
    else
    {
        using GZipStream packed = new(target, CompressionLevel.Optimal, leaveOpen: true);
        source.CopyTo(packed);
    }
    target.Flush();
}

static int Try(Action work)
{
    try
    {
        work();
        return 0;
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
        or InvalidDataException)
    {
        return Fail(exception.Message);
    }
}

static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

static int Fail(string reason)
{
    Console.Error.WriteLine($"gzip: {reason}");
    return Error;
}
