// What the supervisor owns: its own capabilities, and those that it makes once and hands out.
//
// Rules: what is made here outlives the supervisor's process, in its vault; children get copies
// with the rights that Grants.cs names, by ProcessGive, and nothing else.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Servers.Supervisor.Launching;

/// <summary>Badges of the supervisor's endpoint: who may ask for what.</summary>
public static class Badges
{
    /// <summary>Shell and programs: everything.</summary>
    public static readonly Badge Control = new(1);
    /// <summary>The supervisor's own row; nobody is given it.</summary>
    public static readonly Badge Self = new(2);
    /// <summary>
    /// Tasks have numbers from here on; they may look and say that they are ready.
    /// </summary>
    public const ulong FirstTask = 16;
}

public sealed class Authority
{
    /// <summary>Any child's death; the kernel alone can signal it.</summary>
    public const ulong DeathBits = 1UL << 32;

    private readonly SupervisorVault _vault;
    private ulong _lastBadge = Badges.FirstTask;

    public Authority(Origin origin, SupervisorVault vault)
    {
        _vault = vault;
        Kernel = origin.Kernel;
        Machine = origin.Machine;
        LogHandle = origin.Log;
        Self = origin.Self;
        Image = origin.Image;
        Page = origin.Page;
        MountWords = MountWords.Map(Kernel, Page, Rights.Read | Rights.Write);
        Result<HandleDescription> self = Kernel.DescribeHandle(Self);
        if (self.IsOk) SelfId = new ProcessId(self.Value.ObjectIndex);
        Screen = ReadCommandLine().Contains("screen=none") ? Screen.None : Screen.Vga;
        if (!State.Endpoint.IsNone) return;
        Remains = Remains.Find(new KernelLists(Kernel, Machine), SelfId);
        if (Remains is null) MakeAll(origin.Endpoint);
        else TakeOver(Remains);
    }

    public IKernel Kernel { get; }
    public Handle Machine { get; }
    public Handle LogHandle { get; }
    /// <summary>The supervisor's own process.</summary>
    public Handle Self { get; }
    public ProcessId SelfId { get; }
    /// <summary>That of MountWords, which Vfs is given.</summary>
    public Handle Page { get; }
    public MountWords? MountWords { get; }
    /// <summary>What the supervisor was started from.</summary>
    public string Image { get; }
    public Screen Screen { get; }
    /// <summary>What runs, when the vault has been emptied; otherwise null.</summary>
    public Remains? Remains { get; }
    public SystemRecord State => _vault.State;
    public Handle Endpoint => State.Endpoint;
    public Handle Deaths => State.Deaths;
    public Handle Control => State.Control;

    /// <summary>A device by the name of its capability; None when the machine has none.</summary>
    public Handle Device(string name) => State.Devices.GetValueOrDefault(name);

    /// <summary>A badge of the supervisor's endpoint that no living task has.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    /// <summary>A task of an earlier incarnation has this badge.</summary>
    public void NoteBadge(Badge badge) => _lastBadge = System.Math.Max(_lastBadge, badge.Value);

    /// <summary>The capability outlives this process once a row names it.</summary>
    public void Keep(Handle handle)
    {
        Status status = Kernel.MoveToVault(handle);
        if (status == Status.Ok) return;
        throw new InvalidOperationException($"cannot keep {handle}: {status}");
    }

    public ulong NowNs => Kernel.ClockNow();

    public void Log(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Kernel.LogWrite(LogHandle, bytes.AsSpan(0, Math.Min(bytes.Length, 1024)));
    }

    private void MakeAll(Handle endpoint)
    {
        State.Endpoint = Lasting(
            endpoint.IsNone ? Kernel.EndpointCreate(OnDeath.Hold, Layer.Supervisor) : endpoint,
            "endpoint");
        State.Deaths = Lasting(Kernel.NotificationCreate(), "notification");
        State.Control = Lasting(
            Kernel.Mint(Endpoint, Rights.Call | Rights.Pass, Badges.Control), "control badge");
        MakeDevices();
        _vault.StageState();
        _vault.Commit();
    }

    /// <summary>
    /// What the living were given stays what it is. The state is saved when all rows are
    /// (Rebuilding): until then the next incarnation begins again.
    /// </summary>
    private void TakeOver(Remains remains)
    {
        State.Endpoint = remains.SupervisorEndpoint.IsNone
            ? Lasting(Kernel.EndpointCreate(OnDeath.Hold, Layer.Supervisor), "endpoint")
            : remains.SupervisorEndpoint;
        State.Deaths = remains.Deaths.IsNone
            ? Lasting(Kernel.NotificationCreate(), "notification")
            : remains.Deaths;
        State.Control = remains.Badged(remains.SupervisorIndex, Badges.Control);
        if (State.Control.IsNone)
        {
            State.Control = Lasting(
                Kernel.Mint(Endpoint, Rights.Call | Rights.Pass, Badges.Control), "control badge");
        }
        // Those that there are belong to the drivers as well, and go with them.
        MakeDevices();
    }

    private void MakeDevices()
    {
        Add("ports_pci", Kernel.IoPortsCreate(Machine, 0xCF8, 8));
        Add("ports_com1", Kernel.IoPortsCreate(Machine, 0x3F8, 8));
        Add("irq_com1", Kernel.InterruptCreate(Machine, 4));
        if (Screen == Screen.None) return;
        Add("ports_vga", Kernel.IoPortsCreate(Machine, 0x3D4, 2));
        Add("vga", Kernel.DeviceMemoryCreate(Machine, 0xB8000, Limits.PageBytes));
        Add("ports_kbd", Kernel.IoPortsCreate(Machine, 0x60, 5));
        Add("irq_kbd", Kernel.InterruptCreate(Machine, 1));
    }

    private void Add(string name, Result<Handle> device)
    {
        if (device.IsOk) State.Devices[name] = Lasting(device, name);
        else Log($"no {name}: {device.Status}");
    }

    private string ReadCommandLine()
    {
        byte[] text = new byte[Limits.PageBytes];
        Result<InspectPage> page = Kernel.Inspect(Machine, InspectKind.CommandLine, 0, text);
        return page.IsOk ? Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes) : "";
    }

    private Handle Lasting(Result<Handle> made, string what)
    {
        if (!made.IsOk)
        {
            throw new InvalidOperationException($"cannot make my {what}: {made.Status}");
        }
        Keep(made.Value);
        return made.Value;
    }
}

public enum Screen { None, Vga }
