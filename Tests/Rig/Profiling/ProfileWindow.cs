// The part of a run that is counted: from each entry of one function to the next of another.

using System.Collections.Generic;
using System.Linq;

namespace Tests.Rig.Profiling;

/// <param name="From">A function as the tables name it, of whatever image; null: from the start.
/// </param>
/// <param name="To">Null: to the end.</param>
public sealed record ProfileWindow(string? From, string? To)
{
    private IReadOnlySet<ulong> _opens = new HashSet<ulong>(), _closes = new HashSet<ulong>();

    public bool IsOpen { get; private set; } = From is null;

    /// <summary>An error in one line where no image has such a function.</summary>
    public void Resolve(IReadOnlyCollection<SymbolTable> tables)
    {
        _opens = StartsOf(From, tables);
        _closes = StartsOf(To, tables);
    }

    /// <summary>The instruction at the address is run now.</summary>
    public void Note(ulong address)
    {
        if (_closes.Contains(address)) IsOpen = false;
        else if (_opens.Contains(address)) IsOpen = true;
    }

    private static HashSet<ulong> StartsOf(string? name, IEnumerable<SymbolTable> tables)
    {
        if (name is null) return [];
        HashSet<ulong> starts = [.. tables.SelectMany(table => table.StartsOf(name))];
        return starts.Count != 0 ? starts : throw new RigException($"{name}: no such function");
    }
}
