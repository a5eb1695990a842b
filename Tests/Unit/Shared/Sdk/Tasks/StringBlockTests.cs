// Arguments and environment as bytes.

using System.Text;
using NUnit.Framework;
using Shared.Sdk.Tasks;

namespace Tests.Unit.Shared.Sdk.Tasks;

public sealed class StringBlockTests
{
    private static string Text(StringBlock block) => Encoding.UTF8.GetString(block.Bytes);

    [Test]
    public void Strings_end_with_a_nul_each_and_numbers_are_hex()
    {
        StringBlock block = new();
        block.Add("name");
        block.Add("");
        block.Add("CAP_", "log", 0xABC);
        block.Add("VAULT_", "BYTES", ulong.MaxValue);
        block.Add("zero", "", 0);
        Assert.That(
            Text(block), Is.EqualTo("name\0\0CAP_log=abc\0VAULT_BYTES=ffffffffffffffff\0zero=0\0"));
    }

    [Test]
    public void Block_grows_with_its_strings_and_begins_anew()
    {
        StringBlock block = new();
        string longText = new('\u00fc', 5_000);
        for (int number = 0; number < 3; number++) block.Add(longText);
        Assert.That(Text(block), Is.EqualTo($"{longText}\0{longText}\0{longText}\0"));
        block.Clear();
        block.Add("short");
        Assert.That(Text(block), Is.EqualTo("short\0"));
    }
}
