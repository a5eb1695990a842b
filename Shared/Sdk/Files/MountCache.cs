// The mounts as Vfs has told them, with a root of each that was needed: who has them looks whether
// their version is still the same (MountWords), and asks Vfs only when it is not.
//
// Rules: nothing goes stale. Another version throws everything away; a root that turns out revoked
// is forgotten and asked for anew. A root that another thread still uses may be closed under it:
// its call is BadHandle and was not executed, and is made again with the next one. Changes take the
// lock; who finds a root needs none.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk.Calls;

namespace Shared.Sdk.Files;

internal sealed class MountCache(IKernel kernel, VfsClient vfs) : IDisposable
{
    private const int FirstListBytes = 1024;
    private const int LastListBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private Known _known = Known.Nothing;
    /// <summary>Set once, before what it is asked about.</summary>
    private MountWords? _words;

    /// <summary>What Vfs has said once; another version is another object.</summary>
    private sealed record Known(ulong Version, Entry[] Entries)
    {
        public static readonly Known Nothing = new(0, []);
    }

    private sealed class Entry(string target)
    {
        private ulong _root;

        public readonly string Target = target;
        /// <summary>Goes with the root, and is there before it.</summary>
        public uint MountId;

        /// <summary>Read without the lock, and written with it.</summary>
        public Handle Root
        {
            get => new(Volatile.Read(ref _root));
            set => Volatile.Write(ref _root, value.Value);
        }
    }

    /// <summary>Null: there are none, or nobody uses this any more.</summary>
    public MountWords? Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _words);
    }

    /// <summary>The root belongs to the cache; the path is canonical.</summary>
    public Result<FileApi.Place> Resolve(string path)
    {
        ulong version = Words?.Version ?? 0;
        Known known = Volatile.Read(ref _known);
        if (version == 0 || version != known.Version)
        {
            Result<ulong> told = vfs.Version();
            if (!told.IsOk) return told.Status;
            version = told.Value;
        }
        bool isKnown = version == known.Version;
        if (isKnown && Find(known, path, out int rest) is { } entry && entry.Root is var root
            && !root.IsNone)
        {
            return new FileApi.Place(root, path, rest, entry.MountId);
        }
        return ResolveAnew(path, version);
    }

    private Result<FileApi.Place> ResolveAnew(string path, ulong version)
    {
        lock (_lock)
        {
            if (version != _known.Version || version == 0)
            {
                Status status = Load();
                if (status != Status.Ok) return status;
            }
            Entry? entry = Find(_known, path, out int rest);
            if (entry is null) return Status.NotFound;
            return entry.Root.IsNone ? Ask(entry, path, rest)
                : new FileApi.Place(entry.Root, path, rest, entry.MountId);
        }
    }

    /// <summary>The root has turned out to be nobody's any more.</summary>
    public void Forget(Handle root)
    {
        lock (_lock)
        {
            foreach (Entry entry in _known.Entries)
            {
                if (entry.Root == root) Close(entry);
            }
        }
    }

    private static Entry? Find(Known known, string path, out int restOffset)
    {
        foreach (Entry entry in known.Entries)
        {
            restOffset = PathRules.RestOffset(entry.Target, path);
            if (restOffset >= 0) return entry;
        }
        restOffset = 0;
        return null;
    }

    private Result<FileApi.Place> Ask(Entry entry, string path, int rest)
    {
        Result<Resolved> resolved = vfs.Resolve(entry.Target);
        if (!resolved.IsOk) return resolved.Status;
        entry.MountId = resolved.Value.MountId;
        entry.Root = resolved.Value.Root.Handle;
        if (resolved.Value.RestOffset == (uint)entry.Target.Length)
            return new FileApi.Place(entry.Root, path, rest, entry.MountId);
        // It was unmounted since the list was made: this is another mount's root.
        Clear();
        return Status.Revoked;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Clear();
            Interlocked.Exchange(ref _words, null)?.Unmap();
        }
    }

    private void Clear()
    {
        foreach (Entry entry in _known.Entries) Close(entry);
        _known = Known.Nothing;
    }

    private Status Load()
    {
        Clear();
        for (int length = FirstListBytes; ; length *= 4)
        {
            byte[] buffer = new byte[length];
            Result<ListedTargets> list = vfs.List(buffer);
            if (list.Status == Status.TooLarge && length < LastListBytes) continue;
            if (!list.IsOk) return list.Status;
            Watch(list.Value.Page.Handle);
            int used = (int)Math.Min(list.Value.LengthBytes, (uint)length);
            return Take(buffer.AsSpan(0, used), list.Value.Version);
        }
    }

    private void Watch(Handle page)
    {
        if (page.IsNone) return;
        _words ??= MountWords.Map(kernel, page, Rights.Read);
        kernel.Close(page);
    }

    private Status Take(ReadOnlySpan<byte> targets, ulong version)
    {
        List<Entry> entries = [];
        while (targets.IndexOf((byte)0) is var end and > 0)
        {
            Status status = WireFormat.Decode(targets[..end], out string target);
            if (status != Status.Ok) return status;
            entries.Add(new Entry(target));
            targets = targets[(end + 1)..];
        }
        // Of two that a path lies in, the longer one counts.
        entries.Sort(static (left, right) => right.Target.Length.CompareTo(left.Target.Length));
        Volatile.Write(ref _known, new Known(version, [.. entries]));
        return Status.Ok;
    }

    private void Close(Entry entry)
    {
        Handle root = entry.Root;
        entry.Root = default;
        if (!root.IsNone) kernel.Close(root);
    }
}
