// Who is blamed for a request that takes too long: each sentence of what "hung" means.

using System;
using System.Collections.Generic;
using System.Linq;
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
    private const int Looks = 40;
    /// <summary>A look to see it, and four intervals of half a second.</summary>
    private const int AtTheDeadline = 5;

    private static readonly ProcessId Server = new(7);
    private static readonly ProcessId Driver = new(8);
    private static readonly ProcessId Client = new(20);

    /// <summary>How long a watch lives; the next one knows what the vault keeps.</summary>
    private enum Watches { One, OneForEachLook }

    /// <summary>What the watch is shown at each look.</summary>
    private sealed class Scene
    {
        public Func<int, WaitRow[]> Waits { get; init; } = static _ => [];
        public Running Running { get; init; } = Running.Yes;
        public ulong CpuPerLookNs { get; init; }
        public ushort ReadyThreads { get; init; }
        public Func<int, uint> Receives { get; init; } = static _ => 3;
        public Func<int, ProcessId> Process { get; init; } = static _ => Server;
        /// <summary>From one look to the next.</summary>
        public ulong IntervalNs { get; init; } = Interval;
        public Watches Watches { get; init; } = Watches.One;

        /// <summary>The look at which each server was named first.</summary>
        public Dictionary<ProcessId, int> Run()
        {
            HangWatch watch = new(Interval, []);
            Dictionary<ProcessId, int> named = [];
            for (int look = 1; look <= Looks; look++)
            {
                if (Watches == Watches.OneForEachLook)
                {
                    watch = new(Interval, watch.Suspects.Where(static one => one.IsAccused));
                }
                ProcessId server = Process(look);
                ProcessRow row = new()
                {
                    Id = server.Value, CpuNs = 1 + (ulong)look * CpuPerLookNs,
                    ReadyThreads = ReadyThreads, EndpointReceives = Receives(look),
                };
                Watched[] servers =
                    [new(server, Deadline, Running), new(Driver, Deadline, Running.Yes)];
                foreach (ProcessId hung in watch.Look(
                    servers, Waits(look), [row], (ulong)look * IntervalNs))
                {
                    named.TryAdd(hung, look);
                }
            }
            return named;
        }

        public int LooksUntilHung() => Run().GetValueOrDefault(Server);
    }

    private static WaitRow Request(WaitState state, ulong id = 1, ulong sinceNs = 1) => new()
    {
        CallerProcess = Client.Value, ServerProcess = Server.Value, RequestId = id,
        ServerAlive = 1, State = state, SinceNs = sinceNs,
        DeliveredNs = state == WaitState.Queued ? 0 : sinceNs,
    };

    /// <summary>The server's thread that has the request waits in a call of its own.</summary>
    private static WaitRow Waiting(ulong id = 1) =>
        Request(WaitState.Delivered, id) with { ServerWaits = 1 };

    private static WaitRow ToDriver(WaitState state) => Request(state, id: 2) with
    {
        CallerProcess = Server.Value, ServerProcess = Driver.Value,
    };

    private static int LooksUntilHung(params WaitRow[] waits) =>
        new Scene { Waits = _ => waits }.LooksUntilHung();

    [Test]
    public void Server_is_hung_when_a_delivered_request_passes_its_deadline() =>
        Assert.That(LooksUntilHung(Request(WaitState.Delivered)), Is.EqualTo(AtTheDeadline));

    [Test]
    public void Server_is_hung_when_it_never_takes_a_queued_request() =>
        Assert.That(LooksUntilHung(Request(WaitState.Queued)), Is.EqualTo(AtTheDeadline));

    [Test]
    public void Parked_request_blames_nobody() =>
        Assert.That(LooksUntilHung(Request(WaitState.Parked)), Is.Zero);

    [Test]
    public void Parked_request_does_not_hide_one_that_hangs() => Assert.That(
        LooksUntilHung(Request(WaitState.Parked), Request(WaitState.Delivered, id: 2, sinceNs: 9)),
        Is.EqualTo(AtTheDeadline));

    // Slow but working.
    [Test]
    public void Busy_server_that_finishes_its_requests_is_not_blamed()
    {
        Scene scene = new()
        {
            Waits = look => [Request(WaitState.Delivered, id: (ulong)look)],
            CpuPerLookNs = Interval, ReadyThreads = 1,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    [Test]
    public void Long_request_with_calls_of_its_own_is_not_blamed_while_they_go_on()
    {
        Scene scene = new()
        {
            Waits = look =>
            [
                Request(WaitState.Delivered) with { NestedCalls = (uint)Math.Min(look, 20) },
            ],
        };
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(20 + AtTheDeadline - 1));
    }

    [Test]
    public void Request_that_others_overtake_is_not_held_against_a_server_that_works()
    {
        Scene scene = new()
        {
            Waits = _ => [Request(WaitState.Queued)], Receives = look => (uint)look * 100,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    [Test]
    public void Request_in_hand_is_held_against_a_server_that_goes_on_with_others()
    {
        Scene scene = new()
        {
            Waits = _ => [Request(WaitState.Delivered)], Receives = look => (uint)look * 100,
        };
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(AtTheDeadline));
    }

    // Short deadlines of its callers once kept a hung server alive for ever.
    [TestCase(WaitState.Delivered)]
    [TestCase(WaitState.Queued)]
    public void Server_that_has_not_come_back_is_hung_though_its_callers_give_up(WaitState first)
    {
        Scene scene = new()
        {
            Waits = look => look == 1 ? [Request(first)]
                : look % 2 == 0 ? [] : [Request(WaitState.Queued, id: (ulong)look)],
        };
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(AtTheDeadline));
    }

    [Test]
    public void Server_that_has_come_back_is_not_blamed_for_a_request_that_is_gone()
    {
        Scene scene = new()
        {
            Waits = look => look <= 2 ? [Request(WaitState.Delivered)] : [],
            Receives = look => look <= 2 ? 3u : 4u,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    // Blame goes to the leaf.
    [Test]
    public void Driver_that_hangs_is_blamed_and_not_the_server_above_it()
    {
        Scene scene = new() { Waits = _ => [Waiting(), ToDriver(WaitState.Delivered)] };
        Dictionary<ProcessId, int> named = scene.Run();
        Assert.That(named, Is.EqualTo(new Dictionary<ProcessId, int>
        {
            [Driver] = AtTheDeadline,
        }));
    }

    [Test]
    public void Request_behind_one_that_waits_for_a_driver_is_not_blamed() => Assert.That(
        LooksUntilHung(
            Waiting(), Request(WaitState.Queued, id: 3), ToDriver(WaitState.Delivered)),
        Is.Zero);

    [TestCase(WaitState.Parked, 1)]
    [TestCase(WaitState.Queued, 0)]
    public void Nobody_is_blamed_when_the_leaf_has_parked_or_is_restarting(
        WaitState state, byte isAlive)
    {
        Scene scene = new()
        {
            Waits = _ => [Waiting(), ToDriver(state) with { ServerAlive = isAlive }],
        };
        Assert.That(scene.Run(), Is.Empty);
    }

    [Test]
    public void Thread_that_waits_does_not_excuse_the_one_that_hangs() => Assert.That(
        LooksUntilHung(
            Waiting(), ToDriver(WaitState.Parked), Request(WaitState.Delivered, id: 3)),
        Is.EqualTo(AtTheDeadline));

    // Restarting is not hanging.
    [Test]
    public void Endpoint_without_receiver_blames_nobody() => Assert.That(
        LooksUntilHung(Request(WaitState.Queued) with { ServerAlive = 0 }), Is.Zero);

    [Test]
    public void Next_incarnation_has_the_whole_deadline_for_the_same_request()
    {
        Scene scene = new()
        {
            Process = look => new ProcessId((uint)look / 4 + 100),
            Waits = look =>
            [
                Request(WaitState.Delivered) with { ServerProcess = (uint)look / 4 + 100 },
            ],
        };
        Assert.That(scene.Run(), Is.Empty);
    }

    // Time counts only while it could run.
    [Test]
    public void Stopped_server_is_not_blamed()
    {
        Scene scene = new()
        {
            Waits = _ => [Request(WaitState.Delivered)], Running = Running.Stopped,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    [Test]
    public void Server_that_others_keep_from_the_processor_is_not_blamed()
    {
        Scene scene = new() { Waits = _ => [Request(WaitState.Delivered)], ReadyThreads = 1 };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    [Test]
    public void Server_that_gets_half_of_the_processor_has_twice_the_time()
    {
        Scene scene = new()
        {
            Waits = _ => [Request(WaitState.Delivered)], ReadyThreads = 1,
            CpuPerLookNs = Interval / 2,
        };
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(2 * (AtTheDeadline - 1) + 1));
    }

    [Test]
    public void Machine_that_was_halted_blames_nobody()
    {
        HangWatch watch = new(Interval, []);
        Watched[] servers = [new(Server, Deadline, Running.Yes)];
        WaitRow[] waits = [Request(WaitState.Delivered)];
        watch.Look(servers, waits, [], Interval);
        List<ProcessId> hung = watch.Look(servers, waits, [], Interval + 3600 * 1000 * Ms);
        Assert.That(hung, Is.Empty);
    }

    // A loop gets a little less than all of the processor: without this it had another half second.
    [TestCase(Interval, 500)]
    [TestCase(498 * Ms, 506)]
    public void Watch_says_how_long_the_accused_has_left(ulong cpuPerLookNs, int leftMs)
    {
        HangWatch watch = new(Interval, []);
        Watched[] servers =
            [new(Server, Deadline, Running.Yes), new(Driver, Deadline, Running.Yes)];
        Assert.That(watch.RemainingNs, Is.EqualTo(ulong.MaxValue));
        for (int look = 1; look <= AtTheDeadline - 1; look++)
        {
            ProcessRow row = new()
            {
                Id = Server.Value, CpuNs = (ulong)look * cpuPerLookNs, ReadyThreads = 1,
            };
            watch.Look(
                servers, [Request(WaitState.Delivered)], [row], (ulong)look * Interval);
        }
        Assert.That(watch.RemainingNs, Is.EqualTo((ulong)leftMs * Ms));
    }

    // Loops outside of requests.
    [TestCase(false)]
    [TestCase(true)]
    public void Server_that_loops_without_a_request_in_hand_is_hung(bool hasParked)
    {
        Scene scene = new()
        {
            Waits = _ => hasParked ? [Request(WaitState.Parked)] : [],
            CpuPerLookNs = Interval, ReadyThreads = 1,
        };
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(AtTheDeadline));
    }

    [Test]
    public void Server_that_is_busy_with_short_requests_does_not_loop()
    {
        Scene scene = new()
        {
            CpuPerLookNs = Interval, ReadyThreads = 1, Receives = look => (uint)look,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }

    [Test]
    public void Loop_is_found_while_programs_take_half_of_the_processor() =>
        Assert.That(
            new Scene { CpuPerLookNs = Interval / 2, ReadyThreads = 1 }.LooksUntilHung(),
            Is.GreaterThan(0));

    [Test]
    public void Idle_server_is_not_blamed() =>
        Assert.That(new Scene { CpuPerLookNs = Interval / 2 }.LooksUntilHung(), Is.Zero);

    // The supervisor may die between any two looks.
    private static IEnumerable<TestCaseData> Hangs()
    {
        yield return Case(_ => [Request(WaitState.Delivered)], "in hand");
        yield return Case(_ => [Request(WaitState.Queued)], "not taken");
        yield return Case(_ => [], "loop");
        yield return Case(
            look => look == 1 ? [Request(WaitState.Delivered)] : [], "its caller gives up");
        static TestCaseData Case(Func<int, WaitRow[]> waits, string name) =>
            new TestCaseData(waits).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Hangs))]
    public void Hang_is_found_as_soon_by_watches_that_live_for_one_look(Func<int, WaitRow[]> waits)
    {
        Scene scene = new()
        {
            Waits = waits, ReadyThreads = 1, CpuPerLookNs = 300 * Ms, IntervalNs = 300 * Ms,
            Watches = Watches.OneForEachLook,
        };
        // The first one sees it; 7 * 300 ms is the deadline.
        Assert.That(scene.LooksUntilHung(), Is.EqualTo(1 + 7));
    }

    [Test]
    public void Hung_process_is_named_again_while_it_lives()
    {
        HangWatch watch = new(Interval, []);
        Watched[] servers = [new(Server, Deadline, Running.Yes)];
        int named = 0;
        for (int look = 1; look <= AtTheDeadline + 2; look++)
        {
            WaitRow[] waits = [Request(WaitState.Delivered)];
            named += watch.Look(servers, waits, [], (ulong)look * Interval).Count;
        }
        Assert.That(named, Is.EqualTo(3));
    }

    [Test]
    public void Server_that_works_is_not_blamed_by_watches_that_live_for_one_look()
    {
        Scene scene = new()
        {
            Waits = look => [Request(WaitState.Queued, id: (ulong)look / 6)],
            Receives = look => (uint)look / 6, Watches = Watches.OneForEachLook,
            ReadyThreads = 1, CpuPerLookNs = 300 * Ms, IntervalNs = 300 * Ms,
        };
        Assert.That(scene.LooksUntilHung(), Is.Zero);
    }
}
