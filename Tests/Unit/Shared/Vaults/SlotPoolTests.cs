// The lowest record first, and a word that follows what lives.

using NUnit.Framework;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

public sealed class SlotPoolTests
{
    private const ulong UsedAt = 8;

    private readonly HeapVaultMemory _memory = new(64 * 1024);
    private RedoLog _log = null!;

    private SlotPool Open(int capacity = 100)
    {
        _log = new RedoLog(_memory, 4096, 64);
        return new SlotPool(_memory, _log, UsedAt, capacity);
    }

    private void Commit(SlotPool pool)
    {
        pool.Stage();
        _log.Commit();
        pool.Settle();
    }

    [SetUp]
    public void Empty() => _memory.Store(UsedAt, 0);

    [Test]
    public void Lowest_free_record_is_taken_first()
    {
        SlotPool pool = Open();
        for (int slot = 0; slot < 80; slot++) Assert.That(pool.Take(), Is.EqualTo(slot));
        pool.Release(70);
        pool.Release(3);
        Assert.That(pool.Take(), Is.EqualTo(3));
        Assert.That(pool.Take(), Is.EqualTo(70));
        Assert.That(pool.Take(), Is.EqualTo(80));
    }

    [Test]
    public void Word_rises_with_the_commit_and_falls_when_the_last_are_free()
    {
        SlotPool pool = Open();
        for (int slot = 0; slot < 10; slot++) pool.Take();
        Assert.That(_memory.Load(UsedAt), Is.Zero, "nothing is committed yet");
        Commit(pool);
        Assert.That(_memory.Load(UsedAt), Is.EqualTo(10));
        for (int slot = 2; slot < 9; slot++) pool.Release(slot);
        Commit(pool);
        Assert.That(_memory.Load(UsedAt), Is.EqualTo(10), "9 is in use");
        pool.Release(9);
        Commit(pool);
        Assert.That(_memory.Load(UsedAt), Is.EqualTo(2));
        Assert.That(pool.Take(), Is.EqualTo(2));
    }

    [Test]
    public void Next_incarnation_goes_on_above_the_word()
    {
        SlotPool first = Open();
        for (int slot = 0; slot < 5; slot++) first.Take();
        Commit(first);
        SlotPool second = Open();
        second.Release(1);
        Assert.That(second.Take(), Is.EqualTo(1));
        Assert.That(second.Take(), Is.EqualTo(5));
    }

    [Test]
    public void Full_table_is_full()
    {
        SlotPool pool = Open(capacity: 2);
        pool.Take();
        pool.Take();
        Assert.That(pool.IsFull, Is.True);
        Assert.That(() => pool.Take(), Throws.InvalidOperationException);
        pool.Release(0);
        Assert.That(pool.IsFull, Is.False);
    }

    [Test]
    public void Word_beyond_the_table_is_damage()
    {
        _memory.Store(UsedAt, 101);
        Assert.That(() => Open(), Throws.TypeOf<VaultDamagedException>());
    }
}
