// Entries of one directory: by name, and in the order in which they were added.
//
// Rules: cookies only grow and are never used twice, so a listing that goes on after any change
// skips nothing that stayed. Removed places are swept when they are the majority.

using System;
using System.Collections.Generic;

namespace Servers.MemFs;

internal sealed class MemDirectory(ulong number, int slot, NodeTable table)
    : MemNode(number, slot, table)
{
    private const int SweepMinimum = 32;

    private readonly Dictionary<string, MemNode> _byName = new(StringComparer.Ordinal);
    private readonly List<Place> _places = [];

    public int Count => _byName.Count;

    public MemNode? Find(ReadOnlySpan<char> name)
    {
        var lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        return lookup.TryGetValue(name, out MemNode? node) ? node : null;
    }

    /// <param name="cookie">Greater than that of any entry before.</param>
    public void Add(string name, MemNode node, ulong cookie)
    {
        _byName.Add(name, node);
        node.Parent = this;
        node.Name = name;
        node.Cookie = cookie;
        _places.Add(new Place(node.Cookie, node));
    }

    public void Remove(MemNode node)
    {
        _byName.Remove(node.Name);
        int index = IndexAfter(node.Cookie - 1);
        _places[index] = new Place(node.Cookie, null);
        node.Parent = null;
        if (_places.Count >= SweepMinimum && _places.Count > 2 * _byName.Count)
        {
            _places.RemoveAll(place => place.Node == null);
        }
    }

    /// <summary>The entry after a cookie, in the order of adding; null at the end.</summary>
    public MemNode? Next(ulong cookie)
    {
        for (int index = IndexAfter(cookie); index < _places.Count; index++)
        {
            if (_places[index].Node is { } node) return node;
        }
        return null;
    }

    /// <summary>Index of the first place whose cookie is greater.</summary>
    private int IndexAfter(ulong cookie)
    {
        int low = 0;
        int high = _places.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_places[middle].Cookie <= cookie) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private readonly record struct Place(ulong Cookie, MemNode? Node);
}
