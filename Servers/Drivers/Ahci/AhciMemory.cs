// Where the controller's tables lie in the driver's DMA memory: for each port a list of commands
// and an area for what the device answers; one command and one buffer for all, as one command runs
// at a time.
//
// Serial ATA Advanced Host Controller Interface (AHCI) 1.3.1, 4.

using Shared.Abi;
using Shared.Contracts;

namespace Servers.Drivers.Ahci;

internal static class AhciMemory
{
    /// <summary>The most whose registers are in one page; none is known with more.</summary>
    public const uint MaxPorts = 30;
    public const uint ListBytes = 1024, AnswerBytes = 256;

    private const uint ListsAt = 0;
    private const uint AnswersAt = ListsAt + 8 * Limits.PageBytes;
    public const uint CommandAt = AnswersAt + 2 * Limits.PageBytes;
    public const uint DataAt = CommandAt + Limits.PageBytes;
    public const uint LengthBytes = DataAt + BlockGeometry.MaxStepBytes;
    public const uint Pages = LengthBytes / Limits.PageBytes;

    public static uint ListOf(uint port) => ListsAt + port * ListBytes;
    public static uint AnswerOf(uint port) => AnswersAt + port * AnswerBytes;
}
