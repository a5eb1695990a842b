// `tar -c|-t|-x -f ARCHIVE [-C DIRECTORY] [FILE...]`: makes, lists or unpacks an archive.
//
// '-' is the input or the output. Names never lead out of the directory: such an archive is
// refused. 2 for an error.

using System;
using System.IO;
using Servers.Programs.Tar;

Arguments? arguments = Arguments.Parse(args);
if (arguments is null) return Fail(Arguments.Usage);
try
{
    Archive archive = new(arguments);
    switch (arguments.Verb)
    {
        case Verb.Create: archive.Create(); break;
        case Verb.List: archive.List(); break;
        default: archive.Extract(); break;
    }
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
    or InvalidDataException or FormatException)
{
    return Fail(exception.Message);
}

static int Fail(string reason)
{
    Console.Error.WriteLine($"tar: {reason.ReplaceLineEndings(" ")}");
    return 2;
}
