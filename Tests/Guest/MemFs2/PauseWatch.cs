// A server that tells the kernel's log how long each of its garbage collections stopped it.
//
// Rules: the runtime says how long it has been stopped in all, in microseconds of its clock, which
// is the kernel's; the watch looks after each request whether that has grown. It allocates nothing
// for that, and writes what it has when the server has been quiet for a while.

using System;
using System.Globalization;
using System.Text;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Guest.MemFs2;

internal sealed class PauseWatch(IServer server, TaskContext task) : IServer
{
    /// <summary>Before a line of the log; numbers of nanoseconds follow.</summary>
    public const string Mark = "pauses ns:";
    private const int MostPauses = 4096, PausesOfLine = 80;
    private const ulong QuietNs = 50_000_000;

    private readonly ulong[] _pausesNs = new ulong[MostPauses];
    private int _count;
    private int _collections = GC.CollectionCount(0);
    private TimeSpan _paused = GC.GetTotalPauseDuration();
    private ulong _reportNs;

    public bool RetiresItself => server.RetiresItself;

    public ulong NextDeadlineNs
    {
        get
        {
            ulong next = server.NextDeadlineNs;
            return next == 0 || _reportNs != 0 && _reportNs < next ? _reportNs : next;
        }
    }

    public void Handle(Request request) => server.Handle(request);
    public void Closed(Badge badge) => server.Closed(badge);
    public void Notified(ulong bits) => server.Notified(bits);

    public void Commit()
    {
        server.Commit();
        if (GC.CollectionCount(0) != _collections) Note();
    }

    public void DeadlineReached()
    {
        ulong now = task.NowNs;
        if (server.NextDeadlineNs is > 0 and var next && next <= now) server.DeadlineReached();
        if (_reportNs == 0 || now < _reportNs) return;
        _reportNs = 0;
        Report();
    }

    private void Note()
    {
        TimeSpan paused = GC.GetTotalPauseDuration();
        if (_count < MostPauses)
        {
            _pausesNs[_count++] =
                (ulong)(paused - _paused).Ticks * TimeSpan.NanosecondsPerTick;
        }

        _paused = paused;
        _collections = GC.CollectionCount(0);
        _reportNs = task.NowNs + QuietNs;
    }

    private void Report()
    {
        for (int first = 0; first < _count; first += PausesOfLine)
        {
            StringBuilder line = new(Mark);
            int count = Math.Min(PausesOfLine, _count - first);
            foreach (ulong pauseNs in _pausesNs.AsSpan(first, count))
                line.Append(CultureInfo.InvariantCulture, $" {pauseNs}");
            task.Log(line.ToString());
        }

        _count = 0;
    }
}
