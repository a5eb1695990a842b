// The kernel's part that owns memory: frames, regions, Memory objects, vaults, images.

using CosmosKernel.Boot;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel;

// Safety: the base of the direct map is handed on, and never followed here.
public sealed unsafe partial class Kernel
{
    /// <summary>Region records of the machine; a process takes 40 to 60 of them.</summary>
    private const int RegionRecords = 32 * Limits.Processes;

    public FrameTable Frames = null!;
    public PageTables PageTables = null!;
    public RegionPool Regions = null!;
    public MemoryObjectTable MemoryObjects = null!;
    public VaultTable Vaults = null!;
    public Mappings Mappings = null!;
    public PageFaults PageFaults = null!;
    public ImageArchive Images = null!;

    partial void MakeMemoryTables()
    {
        // Safety: nothing of ours lies in the ranges that boot hands over.
        byte* physical = Machine.PhysicalMemory;
        Frames = new FrameTable(physical, Boot.Ram);
        PageTables = new PageTables(Machine, Frames);
        Regions = new RegionPool(RegionRecords);
        MemoryObjects = new MemoryObjectTable(Frames, physical, Config.MemoryObjects);
        Vaults = new VaultTable(Frames, physical, Config.Vaults);
        Mappings = new Mappings(Machine, PageTables, Regions, MemoryObjects);
        PageFaults = new PageFaults(Machine, Frames, PageTables, Regions, Vaults);
        Images = new ImageArchive(Boot.Images, MemoryObjects);
        UserMemory.Attach(PageTables, PageFaults);
    }

    /// <summary>A step of the reclaimer is worth ten of a table walk.</summary>
    private const int WalkStepsPerStep = 10;

    partial void ReclaimMemory(Process process, ref int budget, ref bool isDone)
    {
        int steps = budget * WalkStepsPerStep;
        isDone = Mappings.ReclaimSlice(process, ref steps);
        budget = System.Math.Max(0, steps / WalkStepsPerStep);
    }

    /// <summary>Memory objects and vaults that nobody holds any more.</summary>
    internal bool HasDyingMemory => MemoryObjects.HasDying || Vaults.HasDying;

    internal void ReclaimDyingMemory(ref int budget)
    {
        if (Vaults.FirstDying is { } vault
            && Capabilities.VaultSpace(vault.Index) is { First: not 0 } handles)
        {
            // The next vault of this number must not find them in its table.
            Capabilities.CloseSome(handles, ref budget);
            return;
        }

        int steps = budget * WalkStepsPerStep;
        if (MemoryObjects.ReclaimSlice(ref steps) && Vaults.HasDying)
            Vaults.ReclaimSlice(ref steps);
        budget = System.Math.Max(0, steps / WalkStepsPerStep);
    }

    partial void ReleaseVault(Process process) => Vaults.TakeFrom(process);

    partial void AddObjectReference(ObjectType type, int index)
    {
        if (type is ObjectType.Memory or ObjectType.DeviceMemory)
        {
            MemoryObjects[index].Capabilities++;
        }
        else if (type == ObjectType.Vault)
        {
            Vaults[index].Capabilities++;
        }
    }

    partial void ReleaseObjectReference(ObjectType type, int index)
    {
        if (type is ObjectType.Memory or ObjectType.DeviceMemory)
        {
            MemoryObjects[index].Capabilities--;
            MemoryObjects.Settle(MemoryObjects[index]);
        }
        else if (type == ObjectType.Vault)
        {
            Vaults[index].Capabilities--;
            Vaults.Settle(Vaults[index]);
        }
    }
}
