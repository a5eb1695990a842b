// Brings a server, Vfs or the supervisor to where a cell begins: it hangs or loops in its next
// request, is dead of its own fault and not back yet, or stands still while its next version tries.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Tests.Guest.Contract;

internal sealed class Trouble(TaskContext context, string target, string condition)
{
    /// <summary>After so many faults it is held back for a few hundred milliseconds.</summary>
    private const int Crashes = 6;
    private const ulong PatienceMs = 15_000, RestMs = 3_000;
    /// <summary>One that hangs more often is held back, which is another row.</summary>
    private const ulong BetweenHangsMs = 12_000;
    /// <summary>After so long nobody remembers what went wrong before.</summary>
    private const ulong ForgottenMs = 31_000;

    private readonly IKernel _kernel = context.Kernel;
    private readonly SupervisorClient _supervisor =
        new(context.Kernel, context.Claim("supervisor"));

    private bool IsSupervisor => target == "supervisor";

    /// <summary>It goes wrong in a request; of the supervisor, in whatever comes next.</summary>
    public bool NeedsRequest => condition is "Hung" or "Looping" && !IsSupervisor;

    /// <summary>It does not last: whoever acts has to hurry.</summary>
    public bool IsShort => condition == "Crashed" || condition == "Upgrading" && IsSupervisor;

    /// <summary>
    /// What the program is started with that asks for the upgrade. The supervisor's next version is
    /// there as soon as it can be; the others' never gets done.
    /// </summary>
    public string? Upgrade => condition != "Upgrading" ? null
        : IsSupervisor ? "upgrade\nsupervisor\nsupervisor"
        : $"upgrade\n{target}\n{target.Split('@')[0]}9";

    /// <summary>Before the first cell: other conditions may have been played here.</summary>
    public void Begin()
    {
        if (condition == "Hung") _kernel.Pause(ForgottenMs);
    }

    public void Make()
    {
        switch (condition)
        {
            case "Looping":
                Inject(ControlBits.CrashLoop, FaultMoment.BeforeCommit);
                break;
            case "Hung":
                Inject(ControlBits.Hang, FaultMoment.BeforeCommit);
                break;
            case "Crashed" when IsSupervisor:
                // The kernel holds nobody back.
                Inject(ControlBits.CrashThrow, FaultMoment.AtOnce);
                break;
            case "Crashed":
                Crash();
                break;
            case "Upgrading" when IsSupervisor:
                break;
            case "Upgrading":
                Until(IsStopped, "probe");
                break;
            default:
                throw new InvalidOperationException($"no such condition: {condition}");
        }
    }

    /// <summary>Until it serves again, and a little longer.</summary>
    public void Rest()
    {
        if (condition == "Upgrading") Until(() => !Row().Contains('>'), "end of the probe");
        if (condition == "Hung") _kernel.Pause(BetweenHangsMs);
        if (condition != "Crashed") return;
        if (target == "vfs") _supervisor.WaitReady(target);
        _kernel.Pause(RestMs);
    }

    private void Crash()
    {
        for (int crash = 1; crash <= Crashes; crash++)
        {
            Status ready = _supervisor.WaitReady(target);
            if (ready != Status.Ok) throw new InvalidOperationException($"ready: {ready}");
            string before = Row();
            Inject(ControlBits.CrashThrow, FaultMoment.AtOnce);
            Until(() => Row() != before, "death");
            // With ondeath=vanish it does not come back at all.
            if (Row().Length == 0) return;
        }
        if (!Row().Contains(" waiting ", StringComparison.Ordinal))
            throw new InvalidOperationException($"back at once, always: {Row()}");
    }

    private void Until(Func<bool> isSo, string what)
    {
        ulong endNs = _kernel.ClockNow() + PatienceMs * Pauses.NsPerMs;
        while (!isSo())
        {
            if (_kernel.ClockNow() > endNs) throw new InvalidOperationException($"no {what}");
            _kernel.Pause(1);
        }
    }

    private bool IsStopped()
    {
        ProcessRow[] rows = new ProcessRow[Limits.Processes];
        Result<InspectPage<ProcessRow>> page = _kernel.Inspect<ProcessRow>(
            context.Claim("machine"), InspectKind.Processes, 0, rows);
        if (!page.IsOk) throw new InvalidOperationException($"processes: {page.Status}");
        foreach (ref readonly ProcessRow row in rows.AsSpan(0, page.Value.Count))
        {
            if (row.State == ProcessState.Stopped && FixedFields.Name(row) == target) return true;
        }
        return false;
    }

    /// <summary>Its line of `servers`; empty when it has none.</summary>
    private string Row()
    {
        byte[] text = new byte[8192];
        Result<TextPage> page = _supervisor.ListServers(0, text);
        if (!page.IsOk) throw new InvalidOperationException($"servers: {page.Status}");
        string lines = Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes);
        foreach (string line in lines.Split('\n'))
        {
            if (line.StartsWith(target + " ", StringComparison.Ordinal)) return line;
        }
        return "";
    }

    private void Inject(ControlBits fault, FaultMoment moment)
    {
        ushort request = (ushort)(moment == FaultMoment.AtOnce ? 0 : 1);
        Injection injection = new(fault, moment, request);
        Status status = _supervisor.Inject(target, injection.Bits);
        if (status != Status.Ok) throw new InvalidOperationException($"{condition}: {status}");
    }
}
