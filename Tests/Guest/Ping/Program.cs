// What a trap and a call cost: `ping [COUNT]`. Under -icount a nanosecond is an instruction.
//
// The call is IConsole.Size, which does nothing: generated client, kernel, dispatcher and back.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

return TaskMain.Run(static task =>
{
    const int WarmUp = 100, DefaultCount = 1000;
    int count = task.Arguments.Count == 1 ? int.Parse(task.Arguments[0]) : DefaultCount;
    if (count < 1) return 2;
    var opener = new ConsoleClient(task.Kernel, task.Claim("console"));
    Handle console = opener.OpenSession().Value.Handle;
    var client = new ConsoleClient(task.Kernel, console);
    Handle output = task.Find("stdout");
    if (output.IsNone) output = console;

    for (int i = 0; i < WarmUp; i++) client.Size();
    ulong start = task.NowNs;
    for (int i = 0; i < count; i++) task.Kernel.ClockNow();
    ulong traps = task.NowNs;
    for (int i = 0; i < count; i++)
        if (!client.Size().IsOk) return 1;
    ulong calls = task.NowNs;
    string line = $"{count} times: trap {(traps - start) / (ulong)count} ns, "
        + $"call {(calls - traps) / (ulong)count} ns\n";
    var stream = new ByteStreamClient(task.Kernel, output);
    return stream.Write(Encoding.ASCII.GetBytes(line)) == Status.Ok ? 0 : 1;
});
