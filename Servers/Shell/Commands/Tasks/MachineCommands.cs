// Commands on the machine as a whole: log, uptime, free, poweroff, reboot.

using System;
using System.Collections.Generic;
using Servers.Shell.Commands.Mounts;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Shell.Commands.Tasks;

public sealed class LogCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "log";
    public override string Usage => "log";
    public override string Summary => "print the kernel log";

    private const int PageBytes = 16 * 1024;
    private const int MaxPages = 2 * Limits.LogBytes / 1024;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        byte[] text = new byte[PageBytes];
        ulong cursor = 0;
        for (int page = 0; page < MaxPages; page++)
        {
            Result<LogPage> read = context.Services.ReadLog(cursor, text);
            if (!read.IsOk) return context.Fail("read", read.Status);
            if (read.Value.LengthBytes == 0) break;
            context.Output.Write(text.AsSpan(0, (int)read.Value.LengthBytes));
            cursor = read.Value.NextCursor;
        }
        return ExitCode.Success;
    }
}

public sealed class UptimeCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "uptime";
    public override string Usage => "uptime";
    public override string Summary => "time since boot, tasks, deaths, idle time";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        Result<KernelCounters> counters = context.Shell.Inspector.Counters();
        if (!counters.IsOk) return context.Fail("counters", counters.Status);
        KernelCounters value = counters.Value;
        string idle = Units.Percent(value.IdleNs / 1000, value.UptimeNs / 1000);
        context.WriteLine(
            $"up {Units.Duration(value.UptimeNs)}, {value.Processes} tasks, "
            + $"{value.Deaths} deaths, {value.Redeliveries} requests redelivered, idle {idle}");
        return ExitCode.Success;
    }
}

public sealed class FreeCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "free";
    public override string Usage => "free";
    public override string Summary => "memory and kernel records in use";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        Result<KernelCounters> counters = context.Shell.Inspector.Counters();
        if (!counters.IsOk) return context.Fail("counters", counters.Status);
        KernelCounters value = counters.Value;
        ulong total = value.TotalFrames * Limits.PageBytes;
        ulong free = value.FreeFrames * Limits.PageBytes;
        context.WriteLine(
            $"memory: {Units.Size(total)} total, {Units.Size(total - free)} used, "
            + $"{Units.Size(free)} free");
        context.WriteLine(
            $"kernel: {value.Processes} processes, {value.Threads} threads, "
            + $"{value.Capabilities} capabilities, {value.Endpoints} endpoints, "
            + $"{value.Vaults} vaults, {value.KernelCollections} collections");
        return ExitCode.Success;
    }
}

public sealed class PowerOffCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "poweroff";
    public override string Usage => "poweroff [-f] [CODE]";
    public override string Summary => "switch the machine off; QEMU's exit status tells the code";

    public override string Details =>
        "Mounts of disks are ended first, as by umount. -f leaves that out.";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "f");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        List<string> operands = options.Operands;
        if (operands.Count > 1) return context.WrongUsage();
        uint code = 0;
        if (operands.Count == 1
            && (!Units.TryNumber(operands[0], out code) || code > sbyte.MaxValue))
        {
            return context.Fail(operands[0], "not a code from 0 to 127");
        }
        if (!options.Has('f')) DiskMounts.UnmountAll(context);
        context.Output.Flush();
        return context.Fail("machine", context.Services.PowerOff((int)code));
    }
}

public sealed class RebootCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "reboot";
    public override string Usage => "reboot [-f]";
    public override string Summary => "start the machine again";

    public override string Details =>
        "Mounts of disks are ended first, as by umount. -f leaves that out.";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "f");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count > 0) return context.WrongUsage();
        if (!options.Has('f')) DiskMounts.UnmountAll(context);
        context.Output.Flush();
        return context.Fail("machine", context.Services.Reboot());
    }
}
