// Which function a capability of the PCI task's endpoint stands for.

using Shared.Abi;

namespace Shared.Contracts.Devices;

public static class PciBadge
{
    private const ulong Mark = 1UL << 62;

    public static Badge Of(ushort functionAddress) => new(Mark | functionAddress);
}
