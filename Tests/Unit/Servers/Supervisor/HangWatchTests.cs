// Who is blamed for a request that takes too long.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class HangWatchTests
{
    private const ulong Ms = 1_000_000;
    private const ulong Interval = 500 * Ms;
    private const ulong Deadline = 2_000 * Ms;

    private static readonly ProcessId Server = new(7);

    private static WaitRow Request(WaitState state, ulong id = 1, ulong sinceNs = 1) => new()
    {
        CallerProcess = 20, ServerProcess = Server.Value, RequestId = id, ServerAlive = 1,
        State = state, SinceNs = sinceNs, DeliveredNs = state == WaitState.Queued ? 0 : sinceNs,
    };

    /// <summary>Number of looks until the server is blamed, or 0 when it never is.</summary>
    private static int LooksUntilHung(
        System.Func<int, WaitRow[]> waits, Running running = Running.Yes, ulong cpuPerLookNs = 0)
    {
        HangWatch watch = new(Interval);
        for (int look = 1; look <= 40; look++)
        {
            ulong cpuNs = 1 + (ulong)look * cpuPerLookNs;
            ProcessRow[] rows = [new() { Id = Server.Value, CpuNs = cpuNs }];
            List<ProcessId> hung = watch.Look(
                [new Watched(Server, Deadline, running)], waits(look), rows,
                (ulong)look * Interval);
            if (hung.Count != 0) return look;
        }
        return 0;
    }

    [Test]
    public void Server_is_hung_when_a_delivered_request_passes_its_deadline() =>
        Assert.That(LooksUntilHung(_ => [Request(WaitState.Delivered)]), Is.EqualTo(5));

    [Test]
    public void Server_is_hung_when_it_never_takes_a_queued_request() =>
        Assert.That(LooksUntilHung(_ => [Request(WaitState.Queued)]), Is.EqualTo(5));

    [Test]
    public void Parked_request_blames_nobody() =>
        Assert.That(LooksUntilHung(_ => [Request(WaitState.Parked)]), Is.Zero);

    [Test]
    public void Stopped_server_is_not_blamed() => Assert.That(
        LooksUntilHung(_ => [Request(WaitState.Delivered)], Running.Stopped), Is.Zero);

    [Test]
    public void Server_that_waits_for_another_is_not_blamed()
    {
        WaitRow nested = Request(WaitState.Delivered, id: 2) with
        {
            CallerProcess = Server.Value, ServerProcess = 8,
        };
        Assert.That(LooksUntilHung(_ => [Request(WaitState.Delivered), nested]), Is.Zero);
    }

    [Test]
    public void Busy_server_that_finishes_its_requests_is_not_blamed() => Assert.That(
        LooksUntilHung(
            look => [Request(WaitState.Delivered, id: (ulong)look)], cpuPerLookNs: Interval),
        Is.Zero);

    [Test]
    public void Dead_server_is_not_blamed() => Assert.That(
        LooksUntilHung(_ => [Request(WaitState.Queued) with { ServerAlive = 0 }]), Is.Zero);

    [Test]
    public void Server_that_loops_without_a_request_is_hung() =>
        Assert.That(LooksUntilHung(_ => [], cpuPerLookNs: Interval), Is.EqualTo(5));

    [Test]
    public void Idle_server_is_not_blamed() =>
        Assert.That(LooksUntilHung(_ => [], cpuPerLookNs: Interval / 2), Is.Zero);

    [Test]
    public void Machine_that_was_halted_blames_nobody()
    {
        HangWatch watch = new(Interval);
        Watched[] servers = [new(Server, Deadline, Running.Yes)];
        WaitRow[] waits = [Request(WaitState.Delivered)];
        watch.Look(servers, waits, [], Interval);
        List<ProcessId> hung = watch.Look(servers, waits, [], Interval + 3600 * 1000 * Ms);
        Assert.That(hung, Is.Empty);
    }
}
