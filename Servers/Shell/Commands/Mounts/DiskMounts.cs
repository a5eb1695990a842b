// What is done before the machine goes off: mounts of disks are ended, and waited for.
//
// Bounded: each server has the deadline of `umount`. What fails is said, and does not keep the
// machine on.

using System;
using System.Collections.Generic;
using Servers.Shell.Services;
using Shared.Abi;

namespace Servers.Shell.Commands.Mounts;

internal static class DiskMounts
{
    public const string Folder = "/dev/";
    private const string Retiring = "retiring";
    private const int NameColumn = 0, StateColumn = 2;

    public static void UnmountAll(CommandContext context)
    {
        List<string> lines = [];
        MountList.Lines(context.Services, lines);
        // One that lies on another goes first.
        lines.Reverse();
        foreach (string line in lines)
        {
            if (!line.StartsWith(Folder, StringComparison.Ordinal)) continue;
            string target = MountList.TargetOf(line);
            UmountCommand.Unmount(context, target, target);
        }
        WaitForRetiring(context);
    }

    /// <summary>Those that an earlier `umount -f` has left.</summary>
    private static void WaitForRetiring(CommandContext context)
    {
        List<string> lines = [];
        TextPages.ReadLines(context.Services.Supervisor.ListServers, lines);
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length <= StateColumn || words[StateColumn] != Retiring) continue;
            context.Services.Supervisor.WaitReady(words[NameColumn]);
        }
    }
}
