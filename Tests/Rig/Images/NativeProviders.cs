// Who provides the functions of .NET's native layer (SystemNative_*) in a program: the one table.
//
// Rules: what Shared/Runtime exports is read from its sources; the rest is C of the runtime and
// stands here with the reason why that does no harm. docs/system-native.md is made from this; a
// test of the built images fails on a name that is in neither.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Tests.Rig.Images;

/// <summary>Functions, without their prefix, and why they may stay in C.</summary>
public sealed record NativeGroup(string Reason, string Names)
{
    public IEnumerable<string> All => Names.Split(' ');
}

public static partial class NativeProviders
{
    public const string Prefix = "SystemNative_";

    public static readonly IReadOnlyList<NativeGroup> InC =
    [
        new("The thread's errno and clocks, imported without a transition: C# would be an error.",
            "GetErrNo SetErrNo GetTimestamp GetLowResolutionTimestamp GetSystemTimeAsTicks "
            + "GetBootTimeTicks SchedGetCpu"),
        new("Only compute; call nobody.",
            "ConvertErrorPalToPlatform ConvertErrorPlatformToPal StrErrorR SNPrintF SNPrintF_1I "
            + "SNPrintF_1S CanGetHiddenFlag LChflagsCanSetHiddenFlag GetOSArchitecture "
            + "GetPlatformSignalNumber GetAddressFamily SetAddressFamily GetPort SetPort "
            + "GetIPv4Address SetIPv4Address GetIPv6Address SetIPv6Address GetDomainSocketSizes "
            + "GetMaximumAddressSize GetSocketAddressSizes GetControlMessageBufferSize "
            + "PlatformSupportsDualModeIPv4PacketInfo GetDeviceIdentifiers"),
        new("Memory of the C library, and mappings without a file.",
            "Malloc Calloc Realloc Free AlignedAlloc AlignedFree AlignedRealloc MUnmap MProtect "
            + "MAdvise MSync"),
        new("Threads and their waits: futexes, which the kernel has.",
            "CreateThread LowLevelMonitor_Create LowLevelMonitor_Destroy LowLevelMonitor_Acquire "
            + "LowLevelMonitor_Release LowLevelMonitor_Wait LowLevelMonitor_TimedWait "
            + "LowLevelMonitor_Signal_Release GetUInt64OSThreadId TryGetUInt32OSThreadId"),
        new("The process itself: its variables, number, end, processor time and random numbers.",
            "GetEnv GetEnviron FreeEnviron GetPid GetEUid GetEGid GetGroups Exit SysConf "
            + "GetCpuUtilization GetNonCryptographicallySecureRandomBytes "
            + "GetCryptographicallySecureRandomBytes"),
        new("Answers `not supported` on every Linux.", "FChflags LChflags"),
        new("The kernel knows no such call: no child ends, because there is none.",
            "WaitIdAnyExitedNoHangNoWait WaitPidExitedNoHang "
            + "SetDelayedSigChildConsoleConfigurationHandler"),
        new("The kernel knows no such call: a socket is refused, and none of the others gets one.",
            "Socket CreateSocketEventPort CloseSocketEventPort CreateSocketEventBuffer "
            + "FreeSocketEventBuffer TryChangeSocketEventRegistration WaitForSocketEvents "
            + "Disconnect Shutdown GetBytesAvailable GetPeerName GetSockName GetSockOpt SetSockOpt "
            + "GetSocketType Receive ReceiveMessage Send SendMessage SetIPv4MulticastOption "
            + "SetLingerOption SetReceiveTimeout SetSendTimeout FcntlGetFD FcntlGetIsNonBlocking "
            + "FcntlSetIsNonBlocking"),
        new("Need a watch, which is refused.", "INotifyAddWatch INotifyRemoveWatch"),
    ];

    private static string Runtime => Repository.At("Shared", "Runtime");

    /// <summary>Names that C# exports, by the file that does.</summary>
    public static IEnumerable<(string File, string Name)> InCSharp() =>
        from file in Directory.EnumerateFiles(Path.Combine(Runtime, "Exports"), "*.cs").Order()
        from Match match in Export().Matches(File.ReadAllText(file))
        select (Path.GetFileName(file), match.Groups[1].Value);

    /// <summary>Names that Shared/Runtime/Native defines.</summary>
    public static IEnumerable<string> InAssembly() =>
        from file in Directory.EnumerateFiles(Path.Combine(Runtime, "Native"), "*.S").Order()
        from Match match in Global().Matches(File.ReadAllText(file))
        select match.Groups[1].Value;

    /// <summary>Exports whose whole body is the answer that this is not supported.</summary>
    private static IEnumerable<string> Refused() =>
        from file in Directory.EnumerateFiles(Path.Combine(Runtime, "Exports"), "*.cs").Order()
        from Match match in Refusal().Matches(File.ReadAllText(file))
        select match.Groups[1].Value;

    private static string List(IEnumerable<string> names) =>
        string.Join(' ', names.Select(name => $"`{name}`"));

    public static string Page()
    {
        StringBuilder page = new();
        page.Append(
            """
            # Who provides .NET's native layer

            A program that imports `Shared/Runtime/Program.props` is linked with C# in place of
            the file half of `libSystem.Native` (decision 0033). This page is made from
            `Tests/Rig/Images/NativeProviders.cs` and the exports themselves; `NativeImportTests`
            compares it with the images. Names are without `SystemNative_`.

            ## In C#, over our contracts

            | file of `Shared/Runtime/Exports` | functions |
            |---|---|

            """);
        foreach (var group in InCSharp().GroupBy(export => export.File))
        {
            string names = List(group.Select(export => export.Name));
            page.Append($"| {Path.GetFileNameWithoutExtension(group.Key)} | {names} |\n");
        }
        page.Append($"\nIn assembly, because C# may not run there: {List(InAssembly())}.\n");
        page.Append($"\nOf the first table, refused whatever they are given: {List(Refused())}.\n");
        page.Append("\n## In C, as Microsoft ships it\n\n");
        page.Append("| why it may stay | functions |\n|---|---|\n");
        foreach (NativeGroup group in InC)
        {
            page.Append($"| {group.Reason} | {List(group.All)} |\n");
        }
        page.Append(
            """

            Servers and the kernel are linked with C alone. They use no files of the runtime: what
            they reference of the first table ends in a system call that the kernel refuses.

            """);
        return page.ToString();
    }

    [GeneratedRegex("EntryPoint = \"SystemNative_([A-Za-z0-9_]+)\"")]
    private static partial Regex Export();

    [GeneratedRegex("SystemNative_([A-Za-z0-9_]+)\"\\)\\]\\s+private static [^;{}=]+=>"
        + "\\s+Current\\.Fail\\(Errno\\.NotSupported\\);")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\.globl\s+SystemNative_([A-Za-z0-9_]+)")]
    private static partial Regex Global();
}
