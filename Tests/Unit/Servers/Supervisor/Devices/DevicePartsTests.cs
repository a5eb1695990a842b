// What of the machine a driver is given, from what the bus says of its function.

using System.Linq;
using NUnit.Framework;
using Servers;
using Servers.Supervisor.Devices;
using Shared.Contracts.Devices;

namespace Tests.Unit.Servers.Supervisor.Devices;

public sealed class DevicePartsTests
{
    private static PciFunctionInfo Function(
        byte subclass, byte programming, params (int Number, PciBar Bar)[] bars)
    {
        PciFunctionInfo function = new()
        {
            BaseClass = 1, Subclass = subclass, Interface = programming,
            InterruptLine = PciFunctionInfo.NoLine,
        };
        foreach ((int number, PciBar bar) in bars) function.Bars[number] = bar;
        return function;
    }

    private static PciBar Ports(ulong first, ulong length) =>
        new() { Kind = PciBarKind.Ports, First = first, LengthBytes = length };

    private static PciBar Memory(ulong first, ulong length) =>
        new() { Kind = PciBarKind.Memory, First = first, LengthBytes = length };

    private static string Text(PciFunctionInfo function) => string.Join(
        "; ", DeviceParts.Of(function).Select(static part =>
            $"{part.Name} {part.Kind} {part.First:x}+{part.LengthBytes:x}"));

    [Test]
    public void Interrupt_line_and_registers_are_parts()
    {
        PciFunctionInfo function = Function(
            6, 1, (4, Ports(0xC040, 0x20)), (5, Memory(0xFEBF_1000, 0x1000)));
        function.InterruptLine = 10;
        Assert.That(Text(function), Is.EqualTo(
            "irq Interrupt a+1; bar4 Ports c040+20; bar5 Memory febf1000+1000"));
    }

    [Test]
    public void Memory_is_given_in_whole_pages() =>
        Assert.That(
            Text(Function(6, 1, (5, Memory(0xFEBF_1F00, 0x200)))),
            Is.EqualTo("bar5 Memory febf1000+2000"));

    [Test]
    public void Old_ide_channels_are_where_the_first_pc_had_them() =>
        Assert.That(
            Text(Function(1, 0x80, (4, Ports(0xC040, 16)))),
            Is.EqualTo("bar4 Ports c040+10; "
                + "bar0 Ports 1f0+8; bar1 Ports 3f6+1; irq0 Interrupt e+1; "
                + "bar2 Ports 170+8; bar3 Ports 376+1; irq1 Interrupt f+1"));

    [Test]
    public void Native_ide_channels_are_where_the_registers_say() =>
        Assert.That(
            Text(Function(1, 0x85, (0, Ports(0xC000, 8)), (1, Ports(0xC010, 4)),
                (2, Ports(0xC020, 8)), (3, Ports(0xC030, 4)), (4, Ports(0xC040, 16)))),
            Is.EqualTo("bar0 Ports c000+8; bar1 Ports c010+4; bar2 Ports c020+8; "
                + "bar3 Ports c030+4; bar4 Ports c040+10"));

    [Test]
    public void Spans_that_no_driver_needs_are_left_out() =>
        Assert.That(
            Text(Function(6, 1, (0, Ports(0xFFFF, 8)), (1, Ports(0xC000, 4096)),
                (2, Memory(0x1000, 1UL << 30)), (3, Memory(ulong.MaxValue - 10, 4096)))),
            Is.Empty);

    [TestCase((byte)0x01, (byte)0x01, (ushort)0x8086, (ushort)0x7010, "ata")]
    [TestCase((byte)0x01, (byte)0x06, (ushort)0x8086, (ushort)0x2922, "ahci")]
    [TestCase((byte)0x01, (byte)0x00, (ushort)0x1AF4, (ushort)0x1001, "virtio")]
    [TestCase((byte)0x01, (byte)0x00, (ushort)0x1AF4, (ushort)0x1042, "virtio")]
    [TestCase((byte)0x01, (byte)0x00, (ushort)0x1000, (ushort)0x0012, null)]
    [TestCase((byte)0x02, (byte)0x00, (ushort)0x8086, (ushort)0x100E, null)]
    public void Function_has_the_driver_of_the_table(
        byte baseClass, byte subclass, ushort vendor, ushort device, string? driver)
    {
        PciFunctionInfo function = new()
        {
            BaseClass = baseClass, Subclass = subclass, Vendor = vendor, Device = device,
        };
        function.Bars[4] = Ports(0xC040, 16);
        function.Bars[5] = Memory(0xFEBF_1000, 0x1000);
        Assert.That(DriverTable.Find(function)?.Task.Name, Is.EqualTo(driver));
    }

    [TestCase((byte)0x01)]
    [TestCase((byte)0x06)]
    public void Controller_that_no_firmware_has_set_up_has_no_driver(byte subclass)
    {
        Assert.That(DriverTable.Find(Function(subclass, 0)), Is.Null);
    }
}
