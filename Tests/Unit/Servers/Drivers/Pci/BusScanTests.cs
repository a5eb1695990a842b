// What the scan finds on buses of all shapes, and that it leaves them as they were.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.Drivers.Pci;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Tests.Unit.Servers.Drivers.Pci;

public sealed class BusScanTests
{
    private const uint Storage = 0x01_06_01, Bridge = 0x06_04_00, Display = 0x03_00_00;
    private const byte Several = 0x80;

    private readonly FakeBus _bus = new();

    [SetUp] public void SetUp() => _bus.Functions.Clear();

    private List<PciFunctionInfo> Scan() => new BusScan(_bus).Run();

    [Test]
    public void Empty_machine_has_no_functions() => Assert.That(Scan(), Is.Empty);

    [Test]
    public void Identity_class_and_line_are_read()
    {
        _bus.Add(0, 4, 0, new FakeFunction(0x2922_8086, Storage, line: 10));
        PciFunctionInfo found = Scan().Single();
        Assert.Multiple(() =>
        {
            Assert.That((found.Vendor, found.Device), Is.EqualTo((0x8086, 0x2922)));
            Assert.That(
                (found.BaseClass, found.Subclass, found.Interface), Is.EqualTo((1, 6, 1)));
            Assert.That(found.InterruptLine, Is.EqualTo(10));
            Assert.That(found.ToString(), Is.EqualTo("00:04.0"));
        });
    }

    [TestCase((byte)0)]
    [TestCase((byte)255)]
    [TestCase((byte)16)]
    public void Line_that_no_controller_has_is_none(byte line)
    {
        _bus.Add(0, 1, 0, new FakeFunction(0x1_8086, Storage, line: line));
        Assert.That(Scan().Single().InterruptLine, Is.EqualTo(PciFunctionInfo.NoLine));
    }

    [Test]
    public void Further_functions_count_only_where_the_first_says_so()
    {
        _bus.Add(0, 1, 0, new FakeFunction(0x1_8086, Storage));
        _bus.Add(0, 1, 3, new FakeFunction(0x2_8086, Storage));
        _bus.Add(0, 2, 0, new FakeFunction(0x3_8086, Storage, Several));
        _bus.Add(0, 2, 5, new FakeFunction(0x4_8086, Storage));
        Assert.That(Scan().Select(one => (int)one.Device), Is.EqualTo(new[] { 1, 3, 4 }));
    }

    [Test]
    public void Bus_behind_a_bridge_is_scanned_once_even_if_bridges_name_each_other()
    {
        _bus.Add(0, 1, 0, new FakeFunction(0x1_8086, Bridge, 1).With(0x18, 0x02_02_00));
        _bus.Add(0, 2, 0, new FakeFunction(0x2_8086, Bridge, 1).With(0x18, 0x02_02_00));
        _bus.Add(2, 0, 0, new FakeFunction(0x3_8086, Storage));
        _bus.Add(2, 1, 0, new FakeFunction(0x4_8086, Bridge, 1).With(0x18, 0x02_00_02));
        Assert.That(Scan().Select(one => (int)one.Device), Is.EqualTo(new[] { 1, 3, 4, 2 }));
    }

    [Test]
    public void Registers_are_measured_and_put_back()
    {
        FakeFunction function = new FakeFunction(0x1_8086, Storage)
            .WithBar(0, 0xC001, 8).WithBar(1, 0xFEBF_1000, 4096)
            .WithBar(2, 0xFE00_000C, 16384).With(0x1C, 0x1).WithBar(5, 0, 256);
        function[0x04] = 0x3;
        _bus.Add(0, 3, 0, function);
        PciFunctionInfo found = Scan().Single();
        PciBar[] bars = [.. Enumerable.Range(0, PciBars.Count).Select(one => found.Bars[one])];
        Assert.Multiple(() =>
        {
            Assert.That(bars[0], Is.EqualTo(Bar(PciBarKind.Ports, 0xC000, 8)));
            Assert.That(bars[1], Is.EqualTo(Bar(PciBarKind.Memory, 0xFEBF_1000, 4096)));
            Assert.That(bars[3], Is.EqualTo(default(PciBar)), "the upper half of the one before");
            Assert.That(bars[4], Is.EqualTo(default(PciBar)), "not there");
            Assert.That(bars[5], Is.EqualTo(default(PciBar)), "has no place");
            Assert.That(function[0x10], Is.EqualTo(0xC001));
            Assert.That(function[0x14], Is.EqualTo(0xFEBF_1000));
            Assert.That(function[0x04] & 7, Is.EqualTo(3));
        });
    }

    [Test]
    public void Register_of_64_bits_is_one()
    {
        // All bits of the upper half can be written.
        _bus.Add(0, 3, 0, new FakeFunction(0x1_8086, Storage)
            .WithBar(2, 0x8000_000C, 16384).WithUpperHalf(3, 1));
        PciBar bar = Scan().Single().Bars[2];
        Assert.That(bar, Is.EqualTo(Bar(PciBarKind.Memory, 0x1_8000_0000, 16384)));
    }

    [Test]
    public void Device_that_moves_data_is_stopped_and_the_screen_is_not()
    {
        _bus.Add(0, 1, 0, new FakeFunction(0x1_8086, Storage).With(0x04, 7));
        _bus.Add(0, 2, 0, new FakeFunction(0x2_8086, Display).With(0x04, 7));
        Scan();
        Assert.That(_bus.Functions[1 << 3][0x04] & 7, Is.EqualTo(3));
        Assert.That(_bus.Functions[2 << 3][0x04] & 7, Is.EqualTo(7));
    }

    [Test]
    public void More_functions_than_there_is_room_for_are_left_out()
    {
        for (int device = 0; device < 32; device++)
        {
            for (int function = 0; function < 8; function++)
                _bus.Add(0, device, function, new FakeFunction(0x1_8086, Storage, Several));
        }
        Assert.That(Scan(), Has.Count.EqualTo(PciVault.MaxFunctions));
    }

    private static PciBar Bar(PciBarKind kind, ulong first, ulong lengthBytes) =>
        new() { Kind = kind, First = first, LengthBytes = lengthBytes };
}
