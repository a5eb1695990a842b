// `sha256sum [FILE...]`, or `sha256sum -c LIST`: prints digests, or checks those of a list.
//
// Without a file it reads its input, and calls it '-'. 1 when a digest is wrong, 2 for an error.

using System;
using System.IO;
using Org.BouncyCastle.Crypto.Digests;

const string Usage = "usage: sha256sum [FILE...] | sha256sum -c LIST";
const int Wrong = 1, Error = 2;
const int DigestChars = 64, BufferBytes = 64 * 1024;

bool isCheck = args.Length > 0 && args[0] == "-c";
if (isCheck ? args.Length != 2 : args.Length > 0 && args[0].StartsWith('-')) return Fail(Usage);
int code = 0;
if (isCheck) Check(args[1]);
else if (args.Length == 0) Try(static () => Print(Digest(Console.OpenStandardInput()), "-"));
foreach (string file in isCheck ? [] : args) Try(() => Print(DigestOf(file), file));
return code;

void Check(string list) => Try(() =>
{
    foreach (string line in File.ReadLines(list))
    {
        if (line.Length < DigestChars + 3 || line[DigestChars] != ' ')
        {
            throw new IOException($"{list}: not a line of sha256sum: {line}");
        }
        string file = line[(DigestChars + 2)..];
        Try(() =>
        {
            bool isRight = DigestOf(file) == line[..DigestChars];
            Console.WriteLine($"{file}: {(isRight ? "OK" : "FAILED")}");
            if (!isRight && code != Error) code = Wrong;
        });
    }
});

void Try(Action work)
{
    try
    {
        work();
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
    {
        code = Fail(exception.Message);
    }
}

static void Print(string digest, string name) => Console.WriteLine($"{digest}  {name}");

static string DigestOf(string file)
{
    using FileStream stream = File.OpenRead(file);
    return Digest(stream);
}

static string Digest(Stream stream)
{
    Sha256Digest digest = new();
    byte[] buffer = new byte[BufferBytes];
    for (int read; (read = stream.Read(buffer)) > 0;) digest.BlockUpdate(buffer, 0, read);
    byte[] result = new byte[digest.GetDigestSize()];
    digest.DoFinal(result, 0);
    return Convert.ToHexStringLower(result);
}

static int Fail(string reason)
{
    Console.Error.WriteLine($"sha256sum: {reason}");
    return Error;
}
