// Names for addresses, from good and bad symbol files.

using System.Text;
using NUnit.Framework;
using Servers.Supervisor.Reports;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class SymbolTableTests
{
    private const string Good = "401000 first\n401100 second method\n40200a third\n";

    private static string? Find(string lines, ulong address) =>
        SymbolTable.Find(Encoding.UTF8.GetBytes(lines), address);

    [TestCase(0x400FFFul, null)]
    [TestCase(0x401000ul, "first+0x0")]
    [TestCase(0x4010FFul, "first+0xff")]
    [TestCase(0x401100ul, "second method+0x0")]
    [TestCase(0x40200Aul, "third+0x0")]
    [TestCase(0x402010ul, "third+0x6")]
    [TestCase(0ul, null)]
    public void Address_is_named_after_the_last_symbol_below_it(ulong address, string? name) =>
        Assert.That(Find(Good, address), Is.EqualTo(name));

    [Test]
    public void Last_line_needs_no_end() =>
        Assert.That(Find("10 a\n20 b", 0x25), Is.EqualTo("b+0x5"));

    [TestCase("")]
    [TestCase("\n\n\n")]
    [TestCase("no address here\nnor here\n")]
    [TestCase("10\n20\n")]
    [TestCase("10 \n")]
    public void Bad_file_names_nothing(string lines) => Assert.That(Find(lines, 0x25), Is.Null);

    [Test]
    public void Every_symbol_of_a_large_file_is_found()
    {
        StringBuilder text = new();
        for (int i = 0; i < 1000; i++) text.Append($"{0x1000 + i * 16:x} method{i}\n");
        for (int i = 0; i < 1000; i++)
        {
            string? name = Find(text.ToString(), (ulong)(0x1000 + i * 16 + 3));
            Assert.That(name, Is.EqualTo($"method{i}+0x3"));
        }
    }
}
