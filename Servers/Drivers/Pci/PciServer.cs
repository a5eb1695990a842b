// Answers the drivers of PCI functions, and tells the supervisor what there is.
//
// Rules: a badge is a function's address with a bit above; a function without a living capability
// moves no data by itself. The supervisor is told at each start, and again when it asks (it may
// have lost its rows).

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Drivers.Pci;

internal sealed class PciServer : IServer, IPciFunctionHandler
{
    private readonly IKernel _kernel;
    private readonly IConfigSpace _config;
    private readonly SupervisorClient? _supervisor;
    private readonly Action<string> _log;
    private readonly List<PciFunctionInfo> _functions;

    public PciServer(
        IKernel kernel, IConfigSpace config, PciVault vault, Handle supervisor, Action<string> log)
    {
        _kernel = kernel;
        _config = config;
        _log = log;
        if (!supervisor.IsNone) _supervisor = new SupervisorClient(kernel, supervisor);
        if (vault.Load() is { } known)
        {
            _functions = known;
            return;
        }
        _functions = new BusScan(config).Run();
        vault.Save(_functions);
    }

    public IReadOnlyList<PciFunctionInfo> Functions => _functions;

    public ulong NextDeadlineNs => 0;

    /// <summary>Who has lost its driver while nobody served moves no more data.</summary>
    public void Reconcile(Handle endpoint)
    {
        if (LiveBadges.Read(_kernel, endpoint) is not { } living) return;
        foreach (PciFunctionInfo function in _functions)
        {
            Badge badge = PciBadge.Of(function.Address);
            bool keepsAccess = ConfigHeader.KeepsAccess(function);
            if (!living.Contains(badge.Value) && !keepsAccess) Stop(function.Address);
        }
    }

    /// <summary>Tells the supervisor of all functions.</summary>
    public void Report()
    {
        if (_supervisor is null) return;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_functions));
        Status status = _supervisor.DevicesFound(bytes);
        if (status != Status.Ok) _log($"the supervisor does not want the devices: {status}");
    }

    public void Handle(Request request) => PciFunctionDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
        if (Find(badge) is { } function) Stop(function);
    }

    public void Notified(ulong bits)
    {
        if ((bits & (ulong)ControlBits.Changed) != 0) Report();
    }

    public void DeadlineReached()
    {
    }

    public Result<uint> ReadConfig(Request request, uint offset)
    {
        if (Find(request.Badge) is not { } function) return Status.NotFound;
        bool isPlace = offset < ConfigHeader.LengthBytes && offset % sizeof(uint) == 0;
        return isPlace ? _config.Read(function, offset) : Status.BadArgument;
    }

    public Status SetAccess(Request request, PciAccess access)
    {
        if (Find(request.Badge) is not { } function) return Status.NotFound;
        if ((access & ~PciAccess.All) != 0) return Status.BadArgument;
        SetCommand(function, access);
        return Status.Ok;
    }

    private void Stop(ushort function)
    {
        uint command = _config.Read(function, ConfigHeader.Command);
        SetCommand(function, (PciAccess)command & (PciAccess.Ports | PciAccess.Memory));
    }

    /// <summary>The upper half of the word is the status: zeros leave it alone.</summary>
    private void SetCommand(ushort function, PciAccess access)
    {
        uint command = _config.Read(function, ConfigHeader.Command) & ConfigHeader.CommandMask;
        _config.Write(
            function, ConfigHeader.Command, command & ~(uint)PciAccess.All | (uint)access);
    }

    private ushort? Find(Badge badge)
    {
        foreach (PciFunctionInfo function in _functions)
        {
            if (PciBadge.Of(function.Address) == badge) return function.Address;
        }
        return null;
    }
}
