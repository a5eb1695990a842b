// Where stress works: two mounts, a directory for each worker, and a log on each mount.
//
// Rules: what a worker needs to know of the others is here alone.

using System.Collections.Generic;

namespace Servers.Shell.Commands.Stress;

public static class StressPlaces
{
    public const uint Workers = 4;
    public const string Root = "/tmp/stress";

    public static readonly IReadOnlyList<string> Mounts = [Root + "/a", Root + "/b"];

    public static string DirectoryOf(uint worker) => $"{MountOf(worker)}/worker{worker}";

    /// <summary>On the other mount, so that each worker needs both.</summary>
    public static string LogOf(uint worker) => LogOn(MountOf(worker + 1));

    public static string LogOn(string mount) => mount + "/log";

    public static string ServerOf(string mount) => "memfs@" + mount;

    private static string MountOf(uint worker) => Mounts[(int)(worker % (uint)Mounts.Count)];
}
