// What this process was started with, read when it is asked for: most programs ask for a few
// variables of fifteen, and a table of all of them took a third of their start in C#.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace Shared.Sdk.Tasks;

internal sealed class ProcessEnvironment : IReadOnlyDictionary<string, string>
{
    public string this[string key] =>
        TryGetValue(key, out string? value) ? value : throw new KeyNotFoundException(key);

    public IEnumerable<string> Keys => this.Select(static variable => variable.Key);
    public IEnumerable<string> Values => this.Select(static variable => variable.Value);
    public int Count => this.Count();

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        value = Environment.GetEnvironmentVariable(key);
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            yield return new((string)variable.Key, (string?)variable.Value ?? "");
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
