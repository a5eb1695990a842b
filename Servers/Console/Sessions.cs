// Sessions, by badge, and who waits to read or to write.
//
// Rules: a later session is before an earlier one in the foreground. Sessions lie in the vault:
// whoever changes one calls Put, and the change is part of the transaction in progress. A session
// that no vault knows is made when it is first used.

using System;
using System.Collections.Generic;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Console;

public sealed class Session(Badge badge)
{
    public Badge Badge { get; } = badge;
    /// <summary>Signalled at Ctrl-C, or None. Owned by the vault.</summary>
    public Handle Interrupt { get; set; }
    /// <summary>What Interrupt was before, until it is closed.</summary>
    public Handle Replaced { get; set; }
    /// <summary>A line that was longer than the reader's buffer, and what of it was read.</summary>
    public byte[] Line { get; set; } = [];
    public int ReadBytes { get; set; }

    public ReadOnlySpan<byte> Rest => Line.AsSpan(ReadBytes);
}

/// <summary>A parked ReadLine (with a prompt) or Read (without).</summary>
public sealed record Reader(Session Session, Request Request, WriteLease Target, byte[]? Prompt)
{
    public bool IsLine => Prompt is not null;
}

public sealed class Sessions(RecordTable table)
{
    /// <summary>Of more readers of one session, the oldest is let go.</summary>
    public const int MaxReaders = 16;

    private readonly SortedDictionary<ulong, Session> _sessions = [];
    private readonly List<Reader> _readers = [];
    private readonly byte[] _scratch = new byte[ConsoleVault.PartBytes];
    private ulong _lastBadge;

    public IEnumerable<Session> All => _sessions.Values;
    public bool IsFull => table.IsFull;

    /// <summary>What earlier incarnations have left.</summary>
    public void Restore()
    {
        foreach (ulong badge in table.Keys)
        {
            table.TryGet(badge, out ReadOnlySpan<byte> record);
            RecordReader reader = new(record);
            _sessions[badge] = new Session(new Badge(badge))
            {
                Interrupt = new Handle(reader.Number()),
                Replaced = new Handle(reader.Number()),
                ReadBytes = (int)reader.Number(),
                Line = reader.Run().ToArray(),
            };
        }
    }

    /// <summary>
    /// Puts a session as it is now into the transaction in progress. False when there are too many.
    /// </summary>
    public bool Put(Session session)
    {
        RecordWriter writer = new(_scratch);
        writer.Number(session.Interrupt.Value);
        writer.Number(session.Replaced.Value);
        writer.Number((ulong)session.ReadBytes);
        writer.Run(session.Line);
        return table.Put(session.Badge.Value, writer.Bytes);
    }

    /// <summary>The next session gets a higher badge than any that lives.</summary>
    public void SetLastBadge(ulong badge) => _lastBadge = badge;

    public Badge NextBadge() => new(++_lastBadge);

    public Session Get(Badge badge)
    {
        if (!_sessions.TryGetValue(badge.Value, out Session? session))
        {
            _sessions[badge.Value] = session = new Session(badge);
            Put(session);
        }
        return session;
    }

    public Session? Remove(Badge badge)
    {
        if (!_sessions.Remove(badge.Value, out Session? session)) return null;
        table.Remove(badge.Value);
        return session;
    }

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

    /// <summary>Lets go of calls that were cancelled: a server does not hear of it.</summary>
    public void DropCancelled()
    {
        for (int index = _readers.Count - 1; index >= 0; index--)
        {
            Reader reader = _readers[index];
            if (reader.Target.HasCaller) continue;
            _readers.RemoveAt(index);
            reader.Request.Complete(Status.Cancelled);
        }
    }

    public List<Reader> ReadersOf(Session session) =>
        _readers.FindAll(reader => ReferenceEquals(reader.Session, session));

    public bool HasLineReader => _readers.Exists(static reader => reader.IsLine);

    /// <summary>The newest reader of the newest session that reads.</summary>
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
