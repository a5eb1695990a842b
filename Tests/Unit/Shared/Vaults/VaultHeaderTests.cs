// A vault is made anew only where nobody has finished one.

using System.Text;
using NUnit.Framework;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Vaults;

public sealed class VaultHeaderTests
{
    private const string Name = "CKTESTS1";

    private static HeapVaultMemory Made()
    {
        HeapVaultMemory memory = new(4096);
        VaultHeader header = new(memory, Name, parameters: 3);
        header.Write(4, 5, 6);
        header.Publish();
        return memory;
    }

    [Test]
    public void Header_is_what_was_written()
    {
        VaultHeader header = new(Made(), Name, parameters: 3);
        Assert.That(header.IsNew, Is.False);
        Assert.That(header.Parameters.ToArray(), Is.EqualTo(new ulong[] { 4, 5, 6 }));
        Assert.That(() => header.Write(1, 2, 3), Throws.InvalidOperationException);
    }

    [Test]
    public void Vault_is_new_until_the_last_store_of_its_maker()
    {
        for (int store = 0; store < 5; store++)
        {
            HeapVaultMemory memory = new(4096);
            MortalMemory mortal = new(memory, store);
            Assert.That(
                () =>
                {
                    VaultHeader dying = new(mortal, Name, parameters: 3);
                    dying.Write(4, 5, 6);
                    dying.Publish();
                },
                Throws.TypeOf<VaultDeath>(), $"store {store}");
            Assert.That(new VaultHeader(memory, Name, 3).IsNew, Is.True, $"store {store}");
        }
    }

    [TestCase(0UL, 1UL), TestCase(8UL, 1UL), TestCase(16UL, 9UL), TestCase(32UL, 0UL)]
    public void Vault_that_cannot_be_read_is_never_made_anew(ulong offset, ulong word)
    {
        HeapVaultMemory memory = Made();
        memory.Store(offset, word);
        Assert.That(
            () => new VaultHeader(memory, Name, 3), Throws.TypeOf<VaultDamagedException>());
    }

    [Test]
    public void Another_format_is_refused() => Assert.That(
        () => new VaultHeader(Made(), "CKTESTS2", 3), Throws.TypeOf<VaultDamagedException>());

    [Test]
    public void Name_is_readable_in_a_dump()
    {
        byte[] bytes = new byte[8];
        Made().Read(0, bytes);
        Assert.That(Encoding.ASCII.GetString(bytes), Is.EqualTo(Name));
    }
}
