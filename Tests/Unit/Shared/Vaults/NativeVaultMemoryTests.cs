// What a task makes of the kernel's answers about its vault. No byte of the vault is touched here.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Tests.Unit.Shared.Vaults;

public sealed class NativeVaultMemoryTests
{
    private sealed class OneAnswer(Status answer) : IKernel
    {
        public CallResult Invoke(ref Registers registers) => new(answer);
    }

    private static NativeVaultMemory Vault(Status answer) => NativeVaultMemory.Find(new TaskContext(
        new OneAnswer(answer), "memfs", [],
        new Dictionary<string, string> { ["VAULT_BYTES"] = "10000" }))!;

    // TaskMain turns the one into the cause Memory, which blames no request.
    [TestCase(Status.NoMemory, typeof(OutOfMemoryException), DeathCause.Memory)]
    [TestCase(
        Status.BadArgument, typeof(InvalidOperationException), DeathCause.UnhandledException)]
    public void Discard_that_fails_is_the_death_of_the_task(
        Status answer, Type thrown, DeathCause cause)
    {
        Exception? exception = Assert.Catch(() => Vault(answer).Discard(0, 4096));
        Assert.That(exception, Is.TypeOf(thrown));
        Assert.That(TaskMain.CauseOf(exception!), Is.EqualTo(cause));
    }

    [Test]
    public void Discard_that_is_done_throws_nothing() =>
        Assert.DoesNotThrow(() => Vault(Status.Ok).Discard(0, 4096));
}
