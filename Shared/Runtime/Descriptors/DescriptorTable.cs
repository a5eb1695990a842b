// Descriptor numbers. 0, 1 and 2 are the standard streams and are made when they are first used.
//
// Rules: any thread; a lookup takes no lock. .NET guards a number against its reuse while a call
// is under way (SafeFileHandle), so nothing here does. Numbers start again at the lowest.

using System;
using System.Threading;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Descriptors;

public sealed class DescriptorTable(Func<int, Descriptor?> openStandard)
{
    /// <summary>As many as a program usually may have on Linux.</summary>
    public const int Capacity = 1024;
    private const int Standard = 3;

    private readonly Lock _lock = new();
    private readonly Descriptor?[] _entries = new Descriptor?[Capacity];
    private readonly bool[] _standardIsClosed = new bool[Standard];

    /// <summary>Null when there is none.</summary>
    public Descriptor? Find(long number)
    {
        if ((ulong)number >= Capacity) return null;
        return Volatile.Read(ref _entries[number])
            ?? (number < Standard ? OpenStandard((int)number) : null);
    }

    /// <summary>A new number; TooManyOpen closes the descriptor if nobody else has it.</summary>
    public long Add(Descriptor descriptor)
    {
        lock (_lock)
        {
            for (int number = Standard; number < Capacity; number++)
            {
                if (_entries[number] is not null) continue;
                descriptor.Users++;
                Volatile.Write(ref _entries[number], descriptor);
                return number;
            }
        }
        if (descriptor.Users == 0) descriptor.Close();
        return Answer.Of(Errno.TooManyOpen);
    }

    /// <summary>Another number for the same descriptor.</summary>
    public long Duplicate(long number) =>
        Find(number) is { } found ? Add(found) : Answer.Of(Errno.BadDescriptor);

    public long Close(long number)
    {
        if (Find(number) is not { } found) return Answer.Of(Errno.BadDescriptor);
        bool isLast;
        lock (_lock)
        {
            if (_entries[number] is null) return Answer.Of(Errno.BadDescriptor);
            if (number < Standard) _standardIsClosed[number] = true;
            Volatile.Write(ref _entries[number], null);
            isLast = --found.Users == 0;
        }
        if (isLast) found.Close();
        return Answer.Ok;
    }

    private Descriptor? OpenStandard(int number)
    {
        lock (_lock)
        {
            if (_entries[number] is { } there) return there;
            if (_standardIsClosed[number] || openStandard(number) is not { } made) return null;
            made.Users++;
            Volatile.Write(ref _entries[number], made);
            return made;
        }
    }
}
