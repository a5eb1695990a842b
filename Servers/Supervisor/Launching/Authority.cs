// What the supervisor owns: its own capabilities, and those that it makes once and hands out.
//
// Rules: handles here live as long as the supervisor; children get copies with the rights that
// Grants.cs names, by ProcessGive, and nothing else.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Launching;

/// <summary>Badges of the supervisor's endpoint: who may ask for what.</summary>
public static class Badges
{
    /// <summary>Shell and programs: everything.</summary>
    public static readonly Badge Control = new(1);
    /// <summary>
    /// Tasks have numbers from here on; they may look and say that they are ready.
    /// </summary>
    public const ulong FirstTask = 16;
}

public sealed class Authority
{
    /// <summary>Any child's death; the kernel alone can signal it.</summary>
    public const ulong DeathBits = 1UL << 32;

    private readonly Dictionary<string, Handle> _devices = [];

    public Authority(IKernel kernel, Handle machine, Handle log, Handle endpoint)
    {
        Kernel = kernel;
        Machine = machine;
        LogHandle = log;
        Endpoint = endpoint;
        Deaths = Need(kernel.NotificationCreate(), "notification");
        Control = Need(
            kernel.Mint(Endpoint, Rights.Call | Rights.Pass, Badges.Control), "control badge");
        Screen = ReadCommandLine().Contains("screen=none") ? Screen.None : Screen.Vga;
        MakeDevices();
    }

    public IKernel Kernel { get; }
    public Handle Machine { get; }
    public Handle LogHandle { get; }
    public Handle Endpoint { get; }
    public Handle Deaths { get; }
    public Handle Control { get; }
    public Screen Screen { get; }

    /// <summary>A device by the name of its capability; None when the machine has none.</summary>
    public Handle Device(string name) => _devices.GetValueOrDefault(name);

    public ulong NowNs => Kernel.ClockNow();

    public void Log(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Kernel.LogWrite(LogHandle, bytes.AsSpan(0, Math.Min(bytes.Length, 1024)));
    }

    private void MakeDevices()
    {
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
        if (device.IsOk) _devices.Add(name, device.Value);
        else Log($"no {name}: {device.Status}");
    }

    private string ReadCommandLine()
    {
        byte[] text = new byte[Limits.PageBytes];
        Result<InspectPage> page = Kernel.Inspect(Machine, InspectKind.CommandLine, 0, text);
        return page.IsOk ? Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes) : "";
    }

    private static Handle Need(Result<Handle> made, string what) => made.IsOk
        ? made.Value
        : throw new InvalidOperationException($"cannot make my {what}: {made.Status}");
}

public enum Screen { None, Vga }
