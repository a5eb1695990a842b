// One process's user memory: regions that say what may be, page tables that say what is.

namespace CosmosKernel.Memory;

public sealed class AddressSpace
{
    /// <summary>Physical address of the top page table; 0 when there is none.</summary>
    public ulong Root;
}
