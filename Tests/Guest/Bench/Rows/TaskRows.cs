// What the kernel's list of processes says: the memory of each living task, and when the tasks of
// the boot came up.
//
// Rules: memory is what a task has for itself: page tables, private pages and its vault, in bytes.
// The image is everybody's, and not counted. The clock of the boot starts with the kernel's; what
// comes before it is told by the time stamp counter, which starts with the machine.

using System;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;

namespace Tests.Guest.Bench.Rows;

internal sealed class TaskRows(TaskContext task, ByteStreamWriter output)
{
    private const string Supervisor = "supervisor", Console = "console", Shell = "shell";

    private readonly ProcessRow[] _rows = Rows(task);

    public void MeasureMemory()
    {
        foreach (ref readonly ProcessRow row in _rows.AsSpan())
        {
            ulong bytes = (ulong)row.MemoryPages * Limits.PageBytes;
            Say($"memory of {FixedFields.Name(row)}", bytes);
        }
    }

    /// <summary>
    /// The phases add up to the time from power-on to the shell's first text, for which the
    /// console's first answer was. Tasks come up side by side, from the moment that they are made.
    /// </summary>
    public void MeasureBoot()
    {
        ProcessRow supervisor = Named(Supervisor), console = Named(Console), shell = Named(Shell);
        ulong firstServerNs = _rows.Where(row => row.Id != supervisor.Id)
            .Min(row => row.StartedNs);
        Say("boot: firmware, load, runtime", BeforeClockNs());
        Say("boot: kernel", supervisor.StartedNs);
        Say("boot: supervisor", firstServerNs - supervisor.StartedNs);
        Say("boot: tasks are made", shell.StartedNs - firstServerNs);
        Say("boot: tasks come up", console.FirstReplyNs - shell.StartedNs);
    }

    private ulong BeforeClockNs()
    {
        Registers registers = new(SystemCall.ClockNow);
        BenchMount.Require(task.Kernel.Invoke(ref registers).Status, "clock");
        return (ulong)((UInt128)registers.A1 * registers.A2 >> 32);
    }

    private ProcessRow Named(string name)
    {
        foreach (ProcessRow row in _rows)
        {
            if (FixedFields.Name(row) == name) return row;
        }
        throw new BenchException($"{name} does not run");
    }

    private void Say(string name, ulong value)
    {
        Distribution once = new();
        once.Add(value);
        output.WriteLine(once.Line(name));
    }

    private static ProcessRow[] Rows(TaskContext task)
    {
        ProcessRow[] rows = new ProcessRow[Limits.Processes];
        Result<InspectPage<ProcessRow>> page = task.Kernel.Inspect<ProcessRow>(
            task.Claim("machine"), InspectKind.Processes, 0, rows);
        BenchMount.Require(page.Status, "processes");
        return rows[..page.Value.Count];
    }
}
