// The short path does what the full one does, or nothing: both on equal machines, then compared.

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Text;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class ShortPathTests
{
    const ulong ShortInfo = 5 | (ulong)MessageFlags.Short << 24;

    /// <summary>What may be unusual about a call; each bit makes one thing so.</summary>
    [Flags]
    enum Oddity
    {
        None = 0, Deadline = 1, PastDeadline = 2, CancelPending = 4, ClientStopped = 8,
        ServerStopped = 16, NobodyReceives = 32, ServerHasDeadline = 64, HighPriority = 128,
        StaleHandle = 256, TwoReceivers = 512, Nested = 1024, Closing = 2048, Queued = 4096,
        Notified = 8192, DefaultDeadline = 16384, AllWords = 32768, MayBlock = 65536,
        Lease = 131072, BadLease = 262144, Mint = 524288, NoRoom = 1048576, Reclaiming = 2097152,
        LateClosed = 4194304,
        MintWords = Mint | AllWords,
    }

    const int Bits = 23;
    const ulong LentBytes = 64, GivenBytes = 24, GivenAt = 8;

    // Pinned for the whole run: the threads lend and give bytes of it.
    readonly byte[] store = GC.AllocateArray<byte>(4096, pinned: true);

    ulong Address(int offset)
    {
        // Safety: the array is pinned, and the address is only used while the test runs.
        fixed (byte* first = store) return (ulong)(first + offset);
    }

    /// <summary>Where a lease begins; memory that is not there only the copy finds.</summary>
    ulong LentAt(Oddity oddity) =>
        (oddity & Oddity.BadLease) == 0 ? Address(0) : AddressMap.UserLowFirst;
    const ulong Lent = LentBytes | (ulong)LeaseRights.Write << 32;

    static bool HasLease(Oddity oddity) => (oddity & (Oddity.Lease | Oddity.BadLease)) != 0;
    static bool Mints(Oddity oddity) => (oddity & Oddity.Mint) != 0 && !HasLease(oddity);

    static MessageInfo InfoOf(Oddity oddity) => new(
        5, leases: HasLease(oddity) ? 1 : 0,
        flags: (HasLease(oddity) ? MessageFlags.InlineLease
            : (oddity & Oddity.AllWords) == 0 ? MessageFlags.Short : MessageFlags.InlineText)
            | ((oddity & Oddity.MayBlock) == 0 ? 0 : MessageFlags.MayBlock));

    static IEnumerable<int> Oddities()
    {
        yield return 0;
        for (int bit = 0; bit < Bits; bit++) yield return 1 << bit;
        for (int bit = 0; bit < Bits; bit++) yield return (int)Oddity.MintWords | 1 << bit;
        Random random = new(7);
        for (int count = 0; count < 120; count++)
            yield return 1 << random.Next(Bits) | 1 << random.Next(Bits) | 1 << random.Next(Bits);
    }

    [TestCaseSource(nameof(Oddities))]
    public void Short_call_is_as_the_full_one_or_changes_nothing(int oddity)
    {
        IpcScene first = Called((Oddity)oddity, out Thread thread);
        IpcScene second = Called((Oddity)oddity, out Thread same);
        string before = Dump(first);
        Assert.That(Dump(second), Is.EqualTo(before), "the scenes differ before");
        bool isDone = ShortPath.TryCall(first.Bench.Kernel, thread);
        const int usual = (int)(Oddity.AllWords | Oddity.DefaultDeadline | Oddity.MayBlock
            | Oddity.Lease | Oddity.BadLease);
        if ((oddity & ~usual) == 0) Assert.That(isDone, Is.True);
        if (isDone) CallPath.Call(second.Bench.Kernel, same);
        Assert.That(Dump(first), Is.EqualTo(isDone ? Dump(second) : before));
    }

    [TestCaseSource(nameof(Oddities))]
    public void Short_reply_is_as_the_full_one_or_changes_nothing(int oddity)
    {
        IpcScene first = Answered((Oddity)oddity, out Thread thread);
        IpcScene second = Answered((Oddity)oddity, out Thread same);
        string before = Dump(first);
        Assert.That(Dump(second), Is.EqualTo(before), "the scenes differ before");
        bool isDone = ShortPath.TryReplyReceive(first.Bench.Kernel, thread);
        const int usual = (int)(
            Oddity.AllWords | Oddity.Deadline | Oddity.MayBlock | Oddity.Lease);
        const int mint = (int)Oddity.MintWords;
        bool isUsual = (oddity & ~usual) == 0 || (oddity & mint) == mint
            && (oddity & ~(mint | (int)(Oddity.Deadline | Oddity.MayBlock))) == 0;
        if (isUsual) Assert.That(isDone, Is.True);
        bool isMinted = isDone && Mints((Oddity)oddity);
        if (isMinted) Assert.That(first.ClientThread.Frame->A9, Is.Not.Zero.And.Not.EqualTo(90));
        bool isGiven = isDone && (oddity & (int)Oddity.Lease) != 0;
        if (isGiven) Assert.That(Given(), Is.EqualTo(Written()), "the bytes are not there");
        if (isDone) ReplyPath.ReplyReceive(second.Bench.Kernel, same);
        Assert.That(Dump(first), Is.EqualTo(isDone ? Dump(second) : before));
    }

    [Test]
    public void Short_call_moves_one_word_and_leaves_the_callers_registers_alone()
    {
        IpcScene scene = new();
        scene.BeginReceive();
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door, ShortInfo, 0, 0, 0,
            11, 12, 13, 14, 15, 16);
        UserFrame* served = scene.ServerThread.Frame;
        ulong[] words = [served->A5, served->A6, served->A7, served->A8, served->A9, served->A10];
        Assert.That(words, Is.EqualTo(new ulong[] { 11, 0, 0, 0, 0, 0 }));
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, served->A0, (ulong)Status.NotFound,
            scene.Endpoint, 0, 0, 21, 22, 23, 24, 25, 26);
        UserFrame* frame = scene.ClientThread.Frame;
        ulong[] kept = [frame->A5, frame->A6, frame->A7, frame->A8, frame->A9, frame->A10];
        Assert.That(kept, Is.EqualTo(new ulong[] { 21, 12, 13, 14, 15, 16 }));
        Assert.That(new MessageInfo(frame->A1).Status, Is.EqualTo(Status.NotFound));
        scene.Audit();
    }

    [Test]
    public void Short_call_in_a_queue_moves_one_word_too()
    {
        IpcScene scene = new();
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door, ShortInfo, 0, 0, 0, 11, 12);
        ulong reply = scene.Take();
        Assert.That(scene.ServerThread.Frame->A5, Is.EqualTo(11));
        Assert.That(scene.ServerThread.Frame->A6, Is.Zero);
        scene.Bench.Do(scene.ServerThread, SystemCall.Reply, reply, 0, 0, 0, 0, 21, 22);
        Assert.That(scene.ClientThread.Frame->A5, Is.EqualTo(21));
        Assert.That(scene.ClientThread.Frame->A6, Is.EqualTo(12));
        scene.Audit();
    }

    /// <summary>A client that has just trapped with a short call.</summary>
    byte[] Given() => store[(int)GivenAt..(int)(GivenAt + GivenBytes)];
    byte[] Written() => store[1024..(1024 + (int)GivenBytes)];

    IpcScene Called(Oddity oddity, out Thread thread)
    {
        bool Has(Oddity one) => (oddity & one) != 0;
        IpcScene scene = new(OnDeath.Hold, Has(Oddity.DefaultDeadline) ? 1_000_000ul : 0);
        Kernel kernel = scene.Bench.Kernel;
        thread = scene.ClientThread;
        ulong soon = scene.Bench.Machine.NowNs + 5_000_000;
        if (!Has(Oddity.NobodyReceives))
        {
            scene.Bench.Begin(
                scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0,
                Has(Oddity.ServerHasDeadline) ? soon : 0);
        }

        if (Has(Oddity.TwoReceivers))
        {
            Thread helper = scene.Bench.NewThread(scene.Server);
            scene.Bench.Begin(helper, SystemCall.Receive, scene.Endpoint);
        }

        if (Has(Oddity.LateClosed)) scene.CloseBadge(70);
        if (Has(Oddity.ServerStopped)) scene.ServerThread.IsStopped = true;
        if (Has(Oddity.CancelPending)) thread.IsCancelPending = true;
        if (Has(Oddity.HighPriority)) thread.EffectivePriority = Priority.Driver;
        MakeCurrent(kernel, thread);
        UserFrame* frame = thread.Frame;
        frame->Rax = (ulong)SystemCall.Call;
        frame->A0 = scene.Door + (Has(Oddity.StaleHandle) ? 1ul << 32 : 0);
        frame->A1 = InfoOf(oddity).Value;
        frame->A2 = Has(Oddity.PastDeadline) ? 1 : Has(Oddity.Deadline) ? soon : 0;
        frame->A4 = Has(Oddity.Nested) ? 77ul : 0;
        for (ulong word = 0; word < 3; word++) (&frame->R12)[word] = word + 100;
        frame->A5 = 99;
        if (!HasLease(oddity)) return scene;
        frame->A9 = LentAt(oddity);
        frame->A10 = Lent;
        return scene;
    }

    /// <summary>A server that has just trapped with the answer to a short call.</summary>
    IpcScene Answered(Oddity oddity, out Thread thread)
    {
        bool Has(Oddity one) => (oddity & one) != 0;
        IpcScene scene = new();
        Kernel kernel = scene.Bench.Kernel;
        ulong soon = scene.Bench.Machine.NowNs + 5_000_000;
        // The first answer of a process goes the long way, always.
        scene.Server.FirstReplyNs = 1;
        thread = scene.ServerThread;
        Thread client = scene.ClientThread;
        if (Has(Oddity.HighPriority)) client.EffectivePriority = Priority.Driver;
        scene.BeginReceive();
        if (Has(Oddity.LateClosed) && !Has(Oddity.MayBlock)) scene.CloseBadge(70);
        bool lends = HasLease(oddity);
        scene.Bench.Begin(
            client, SystemCall.Call, scene.Door, InfoOf(oddity).Value,
            Has(Oddity.Deadline) ? soon : 0, Mints(oddity) ? 8ul : 0, 0, 0, 0, 0, 0,
            lends ? LentAt(oddity) : 0, lends ? Lent : 0);
        ulong reply = thread.Frame->A0;
        if (Has(Oddity.Queued))
        {
            Thread other = scene.NewCaller(out ulong door);
            scene.BeginCall(other, door);
        }

        if (Has(Oddity.TwoReceivers))
        {
            Thread helper = scene.Bench.NewThread(scene.Server);
            scene.Bench.Begin(helper, SystemCall.Receive, scene.Endpoint);
        }

        if (Has(Oddity.Notified))
        {
            scene.Bench.Do(thread, SystemCall.NotificationCreate);
            ulong bell = thread.Frame->A0;
            scene.Bench.Do(thread, SystemCall.NotificationBind, bell);
            scene.Bench.Do(thread, SystemCall.NotificationSignal, bell, 4);
        }

        if (Has(Oddity.Closing))
        {
            scene.Bench.Do(scene.Keeper, SystemCall.Close, scene.KeeperDoor);
            kernel.Capabilities.Close((int)(uint)scene.Door);
        }

        if (Has(Oddity.ClientStopped)) client.IsStopped = true;
        if (Has(Oddity.CancelPending)) thread.IsCancelPending = true;
        if (Has(Oddity.NoRoom)) scene.Client.HandleQuota = 1;
        if (Has(Oddity.Reclaiming))
            ProcessDeath.Kill(kernel, scene.Bench.NewProcess("dead", Layer.Program), 0);
        MakeCurrent(kernel, thread);
        UserFrame* frame = thread.Frame;
        frame->Rax = (ulong)SystemCall.ReplyReceive;
        frame->A0 = reply + (Has(Oddity.StaleHandle) ? 1ul << 32 : 0);
        frame->A1 = (ulong)Status.AlreadyExists;
        frame->A2 = scene.Endpoint;
        frame->A3 = 0;
        frame->A4 = Has(Oddity.PastDeadline) ? 1 : Has(Oddity.ServerHasDeadline) ? soon : 0;
        frame->A5 = 98;
        if (Mints(oddity)) SetMint(frame);
        if (lends) SetBytes(frame);
        return scene;
    }

    static void SetMint(UserFrame* frame)
    {
        frame->A1 = new MessageInfo(0, flags: MessageFlags.Mint).Value;
        frame->A9 = 90;
        frame->A10 = (ulong)Rights.Call;
    }

    void SetBytes(UserFrame* frame)
    {
        Array.Clear(store);
        new Random(3).NextBytes(store.AsSpan(1024, (int)GivenBytes));
        frame->A1 = new MessageInfo(0, leases: 1, flags: MessageFlags.InlineLease).Value;
        frame->A9 = Address(1024);
        frame->A10 = GivenBytes | GivenAt << 32;
    }

    static void MakeCurrent(Kernel kernel, Thread thread)
    {
        kernel.Scheduler.Block(thread, thread.State);
        kernel.Scheduler.MakeReady(thread);
        Assert.That(kernel.Scheduler.Next(), Is.SameAs(thread));
    }

    /// <summary>Every field that calls touch, of every record that is in use.</summary>
    static string Dump(IpcScene scene)
    {
        Kernel kernel = scene.Bench.Kernel;
        StringBuilder text = new();
        for (int index = 0; index < kernel.Threads.Capacity; index++)
        {
            Thread thread = kernel.Threads[index];
            if (thread.State == ThreadState.Free) continue;
            Append(text, thread);
            Append(text, thread.Request);
            for (int word = 0; word < 24; word++)
                text.Append($"{((ulong*)thread.Frame)[word]:x} ");
            text.AppendLine();
        }

        for (int index = 0; index < 4; index++) Append(text, kernel.Endpoints[index]);
        for (int index = 0; index < 32; index++) Append(text, kernel.Capabilities[index]);
        Append(text, kernel.Scheduler);
        Append(text, kernel.Deadlines);
        text.Append($"{kernel.Badges.Count} ");
        text.Append($"{kernel.LastRequestId} {kernel.LastReply:x} {kernel.Counters.Redeliveries}");
        return text.ToString();
    }

    static void Append(StringBuilder text, object record)
    {
        text.Append(record.GetType().Name).Append(':');
        foreach (FieldInfo field in record.GetType().GetFields(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (field.FieldType.IsPointer) continue;
            object? value = field.GetValue(record);
            text.Append($" {field.Name}={NameOf(value)}");
        }

        text.AppendLine();
    }

    /// <summary>Records are named by their places, so that machines compare.</summary>
    static string NameOf(object? value) => value switch
    {
        null => "none",
        Thread thread => $"thread {thread.Index}",
        CallRequest request => $"request {request.Caller?.Index}",
        Endpoint endpoint => $"endpoint {endpoint.Index}",
        Array array => $"{array.Length} entries",
        _ => value.ToString()!,
    };
}
