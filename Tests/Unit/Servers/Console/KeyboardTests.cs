// Scan codes in, bytes of a terminal out.

using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.Console.Devices;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class KeyboardTests
{
    private static string Type(params byte[] codes)
    {
        Keyboard keyboard = new();
        List<byte> bytes = [];
        foreach (byte code in codes) keyboard.Feed(code, bytes);
        return Encoding.ASCII.GetString(bytes.ToArray());
    }

    [TestCase(new byte[] { 0x1E, 0x9E, 0x30 }, "ab")]
    [TestCase(new byte[] { 0x2A, 0x1E, 0xAA, 0x1E }, "Aa")]
    [TestCase(new byte[] { 0x36, 0x02, 0xB6 }, "!")]
    [TestCase(new byte[] { 0x3A, 0xBA, 0x1E, 0x02, 0x3A, 0xBA, 0x1E }, "A1a")]
    [TestCase(new byte[] { 0x3A, 0x2A, 0x1E }, "a")]
    [TestCase(new byte[] { 0x1D, 0x2E, 0x9D, 0x2E }, "{^C}c")]
    [TestCase(new byte[] { 0xE0, 0x1D, 0x20 }, "{^D}")]
    [TestCase(new byte[] { 0x1C, 0x0E, 0x0F, 0x39 }, "{cr}{^?}{tab} ")]
    [TestCase(new byte[] { 0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0x50 }, "{esc}[A{esc}[B")]
    [TestCase(new byte[] { 0xE0, 0x2A, 0xE0, 0x47, 0x1E }, "{esc}[Ha")]
    [TestCase(new byte[] { 0xE0, 0x53 }, "{esc}[3~")]
    [TestCase(new byte[] { 0xE0, 0x35, 0x35 }, "//")]
    [TestCase(new byte[] { 0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5, 0x1E }, "a")]
    [TestCase(new byte[] { 0x3B, 0x44, 0x57, 0x7F, 0xFF, 0x01 }, "{esc}")]
    [TestCase(new byte[] { 0x29, 0x2B, 0x28, 0x0C, 0x0D, 0x1A, 0x1B, 0x27 }, "`\\'-=[];")]
    [TestCase(new byte[] { 0x2A, 0x29, 0x2B, 0x28, 0x33, 0x34, 0x35 }, "~|\"<>?")]
    public void Codes_make_bytes(byte[] codes, string bytes) =>
        Assert.That(Type(codes), Is.EqualTo(Keystrokes.Text(bytes)));

    [Test]
    public void Every_code_is_harmless()
    {
        Keyboard keyboard = new();
        List<byte> bytes = [];
        for (int round = 0; round < 3; round++)
        {
            for (int code = 0; code < 256; code++) keyboard.Feed((byte)code, bytes);
        }
        Assert.That(bytes, Is.Not.Empty);
    }
}
