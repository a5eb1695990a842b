// trace: a kill of a file server, as Perfetto would show it.

using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class TraceTests : BootTest
{
    [Test]
    public void Trace_of_a_kill_shows_death_redelivery_and_calls_in_order()
    {
        Succeeds("mount -t memfs -o deadline=60 none /mnt");
        Succeeds("echo kept > /mnt/file");
        Succeeds("trace on");
        // It takes the request and never answers: the kill finds it in its hands.
        Succeeds("hang memfs@/mnt");
        Succeeds("cat /mnt/file > /tmp/copy &");
        Until("waits", "memfs@/mnt");
        Succeeds("kill memfs@/mnt");
        Until("cat /tmp/copy", "kept");
        Succeeds("trace /tmp/trace.json");
        List<JsonElement> events = Read(Succeeds("cat /tmp/trace.json", timeoutSeconds: 120));

        string[] server = Named(events, "memfs@/mnt");
        JsonElement death = events.First(one =>
            Text(one, "name") == "death" && server.Contains(Text(one, "pid")));
        Assert.That(Text(death.GetProperty("args"), "cause"), Is.EqualTo("Killed"));
        JsonElement again = events.First(one => Text(one, "name") == "delivered again");
        Assert.That(Time(again), Is.GreaterThan(Time(death)));

        string id = Text(again.GetProperty("args"), "id");
        JsonElement[] call = [.. events.Where(one => Text(one, "cat") == "call"
            && Text(one, "id") == id)];
        Assert.That(call.Select(one => Text(one, "ph")), Is.EqualTo((string[])["b", "e"]));
        Assert.That(Time(call[0]), Is.LessThan(Time(death)));
        Assert.That(Time(call[1]), Is.GreaterThan(Time(again)));
        Assert.That(events.Any(one => Text(one, "cat") == "thread"), Is.True);
        Assert.That(events.Any(one => Text(one, "name") == "start"), Is.True);
    }

    [Test]
    public void Trace_that_is_off_records_nothing()
    {
        Succeeds("trace on");
        Succeeds("trace off");
        Succeeds("cat /proc/memory");
        string events = Succeeds("trace /tmp/trace.json");
        Assert.That(int.Parse(events.Split(' ')[0]), Is.LessThan(1_000), events);
        Assert.That(Fails("trace"), Does.Contain("usage"));
    }

    private static List<JsonElement> Read(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("traceEvents").EnumerateArray()];

    /// <summary>All process ids that had the name.</summary>
    private static string[] Named(List<JsonElement> events, string name) =>
        [.. events.Where(one => Text(one, "name") == "process_name"
            && Text(one.GetProperty("args"), "name") == name).Select(one => Text(one, "pid"))];

    private static string Text(JsonElement one, string property) =>
        one.TryGetProperty(property, out JsonElement value) ? value.ToString() : "";

    private static double Time(JsonElement one) => one.GetProperty("ts").GetDouble();
}
