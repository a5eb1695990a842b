// What QEMU's exit status says about how the guest ended.
//
// Rules: isa-debug-exit turns a code into (code << 1 | 1) & 0xFF; ACPI power-off and reboot
// end in 0.

namespace Tests.Rig.Machine;

public readonly record struct GuestExit(int Status)
{
    /// <summary>What kernel and boot shim pass when they panic.</summary>
    public const int PanicCode = 0x7E;

    public bool IsPanic => Status == (PanicCode << 1 | 1);

    public bool IsClean => Status == 0;

    /// <summary>The code given to PowerOff, or by the kernel's panic.</summary>
    public int Code => (Status & 1) == 1 ? Status >> 1 : Status;

    public override string ToString() => Status switch
    {
        0 => "the guest powered off",
        _ when IsPanic => "the kernel panicked; its reason and stack are above",
        // A signal, as a shell reports it.
        > 128 when (Status & 1) == 0 => $"QEMU was ended from outside (status {Status})",
        _ when (Status & 1) == 0 => $"QEMU failed with status {Status}",
        _ => $"the guest stopped with code {Code}",
    };
}
