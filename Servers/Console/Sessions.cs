// Sessions, by badge, and who waits to read or to write.
//
// Rules: a later session is before an earlier one in the foreground; a session that this
// incarnation has not made is made when it is first used: its owner has it from an earlier one.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Console;

public sealed class Session(Badge badge)
{
    public Badge Badge { get; } = badge;
    /// <summary>Signalled at Ctrl-C, or None. Owned here.</summary>
    public Handle Interrupt { get; set; }
    /// <summary>What is left of a line that was longer than the reader's buffer.</summary>
    public Queue<byte> Rest { get; } = new();
}

/// <summary>A parked ReadLine (with a prompt) or Read (without).</summary>
public sealed record Reader(Session Session, Request Request, WriteLease Target, byte[]? Prompt)
{
    public bool IsLine => Prompt is not null;
}

public sealed class Sessions
{
    /// <summary>Of more readers of one session, the oldest is let go.</summary>
    public const int MaxReaders = 16;

    private readonly SortedDictionary<ulong, Session> _sessions = [];
    private readonly List<Reader> _readers = [];
    private ulong _lastBadge;

    public IEnumerable<Session> All => _sessions.Values;

    /// <summary>The next session gets a higher badge than any that lives.</summary>
    public void SetLastBadge(ulong badge) => _lastBadge = badge;

    public Badge NextBadge() => new(++_lastBadge);

    public Session Get(Badge badge)
    {
        if (!_sessions.TryGetValue(badge.Value, out Session? session))
        {
            _sessions[badge.Value] = session = new Session(badge);
        }
        return session;
    }

    public Session? Remove(Badge badge) =>
        _sessions.Remove(badge.Value, out Session? session) ? session : null;

    /// <summary>Adds a reader; answers one that has to go for it, or null.</summary>
    public Reader? Add(Reader reader)
    {
        List<Reader> others = ReadersOf(reader.Session);
        Reader? dropped = others.Count < MaxReaders ? null : others[0];
        if (dropped is not null) _readers.Remove(dropped);
        _readers.Add(reader);
        return dropped;
    }

    public void Remove(Reader reader) => _readers.Remove(reader);

    public List<Reader> ReadersOf(Session session) =>
        _readers.FindAll(reader => ReferenceEquals(reader.Session, session));

    public bool HasLineReader => _readers.Exists(static reader => reader.IsLine);

    /// <summary>
    /// The newest reader of the newest session that reads: an older one in the same session is most
    /// likely a call that was cancelled, of which a server does not hear.
    /// </summary>
    public Reader? Foreground()
    {
        Reader? foreground = null;
        foreach (Reader reader in _readers)
        {
            bool isNewer = foreground is null
                || reader.Session.Badge.Value >= foreground.Session.Badge.Value;
            if (isNewer) foreground = reader;
        }
        return foreground;
    }
}
