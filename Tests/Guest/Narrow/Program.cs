// A program that wants more than it was given, with calls that no library would make:
// `run --ro narrow ro DIRECTORY`, `run --mount DIRECTORY narrow mount DIRECTORY`.
//
// DIRECTORY has the file `file` in it and the directory `sub`, and nothing else. It answers 0 and
// says "refused N" when everything was refused; otherwise it says what was not. With a third
// argument it tries again and again, until a file of that name is in DIRECTORY.

using Shared.Sdk;
using Tests.Guest.Narrow;

return TaskMain.Run(static context =>
{
    string? end = context.Arguments.Count == 3 ? context.Arguments[2] : null;
    if (context.Arguments.Count - (end is null ? 0 : 1) != 2) return 2;
    Attempts attempts = new(context, context.Arguments[1]);
    return attempts.Run(context.Arguments[0], end);
});
