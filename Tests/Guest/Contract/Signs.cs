// Files by which the conductor and its client tell each other how far they are.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Contract;

internal sealed class Signs(IKernel kernel, FileApi files)
{
    public const string IsOpen = "/tmp/contract-open";
    public const string MayCall = "/tmp/contract-call", MayTry = "/tmp/contract-try";

    private const ulong PauseNs = 5_000_000;

    public void Clear()
    {
        foreach (string sign in (string[])[IsOpen, MayCall, MayTry]) files.RemoveFile(sign);
    }

    public void Give(string sign) => files.WriteAll(sign, "yes"u8);

    public bool IsThere(string sign) => files.Stat(sign).IsOk;

    public void Await(string sign)
    {
        while (!IsThere(sign)) Pause();
    }

    public void Pause(ulong elapsedNs = PauseNs)
    {
        ulong endNs = kernel.ClockNow() + elapsedNs;
        while (kernel.ClockNow() < endNs) kernel.ReceiveNotification(endNs);
    }
}
