// One interrupt line and the drivers that wait on it: a line may be shared by several devices.
//
// Rules: a line that fires stays masked until each driver that was told has acknowledged; a driver
// that dies is off the line at once, and what it owed with it. One binding a process.

using CosmosKernel.Ipc;
using Shared.Abi;

namespace CosmosKernel.Devices;

public sealed class InterruptLine(Kernel kernel, int number)
{
    /// <summary>PCI has four lines for all devices; one more is QuotaExceeded.</summary>
    public const int MaxBindings = 8;

    private struct Binding
    {
        public ProcessId Process;
        public Notification? Notification;
        public ulong Bits;
        /// <summary>It was told, and has not acknowledged yet.</summary>
        public bool IsPending;
    }

    private readonly Binding[] _bindings = new Binding[MaxBindings];
    private int _pending;

    /// <summary>Capabilities for the line.</summary>
    public int References { get; set; }

    /// <summary>
    /// Signals the notification from now on, also what has fired and nobody has acknowledged.
    /// </summary>
    public Status Bind(ProcessId process, Notification notification, ulong bits)
    {
        int index = Find(process);
        if (index < 0) index = Find(default);
        if (index < 0) return Status.QuotaExceeded;
        kernel.Notifications.AddReference(notification);
        Remove(ref _bindings[index]);
        _bindings[index] = new Binding
        {
            Process = process, Notification = notification, Bits = bits,
        };
        if (_pending == 0) kernel.Machine.UnmaskInterrupt(number);
        return Status.Ok;
    }

    /// <summary>The driver has seen to its device.</summary>
    public void Acknowledge(ProcessId process)
    {
        int index = Find(process);
        if (index < 0) return;
        ref Binding binding = ref _bindings[index];
        if (binding.IsPending) _pending--;
        binding.IsPending = false;
        if (_pending == 0) kernel.Machine.UnmaskInterrupt(number);
    }

    /// <summary>The machine has masked the line.</summary>
    public void Fired()
    {
        for (int index = 0; index < MaxBindings; index++)
        {
            ref Binding binding = ref _bindings[index];
            if (binding.Notification is not { } notification) continue;
            if (!binding.IsPending) _pending++;
            binding.IsPending = true;
            kernel.Notifications.Signal(notification, binding.Bits);
        }
    }

    /// <summary>The process is dead: the line does not wait for it.</summary>
    public void Forget(ProcessId process)
    {
        int index = Find(process);
        if (index < 0) return;
        Remove(ref _bindings[index]);
        Settle();
    }

    /// <summary>Nobody holds the line any more.</summary>
    public void Clear()
    {
        for (int index = 0; index < MaxBindings; index++) Remove(ref _bindings[index]);
        kernel.Machine.MaskInterrupt(number);
    }

    /// <summary>Open while somebody listens and nobody owes anything.</summary>
    private void Settle()
    {
        if (_pending != 0) return;
        for (int index = 0; index < MaxBindings; index++)
        {
            if (_bindings[index].Notification is null) continue;
            kernel.Machine.UnmaskInterrupt(number);
            return;
        }
        kernel.Machine.MaskInterrupt(number);
    }

    private void Remove(ref Binding binding)
    {
        if (binding.Notification is not { } notification) return;
        if (binding.IsPending) _pending--;
        binding = default;
        kernel.Notifications.Release(notification);
    }

    private int Find(ProcessId process)
    {
        for (int index = 0; index < MaxBindings; index++)
        {
            if (_bindings[index].Process == process) return index;
        }
        return -1;
    }
}
