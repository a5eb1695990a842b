// Reads and writes the fixed-size fields of kernel layouts: names, stack frames.
//
// C# lets only unsafe code touch a fixed buffer; this is the place for it.

using System;
using System.Text;
using Shared.Abi;
using Shared.Sdk.Tasks;

namespace Shared.Sdk.Native;

// Safety: spans cover exactly the fixed buffers of structs that are pinned meanwhile.
public static unsafe class FixedFields
{
    /// <summary>The name as far as it fits, zero padded.</summary>
    public static void SetName(ref ProcessSpec spec, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        // Safety: the span covers exactly the fixed buffer, and the struct stays pinned in here.
        fixed (byte* first = spec.Name)
        {
            Span<byte> target = new(first, ProcessSpec.MaxNameBytes);
            target.Clear();
            bytes.AsSpan(0, TextCut.Utf8(bytes, ProcessSpec.MaxNameBytes - 1)).CopyTo(target);
        }
    }

    public static string Name(in ProcessSpec spec)
    {
        // Safety: as above.
        fixed (byte* first = spec.Name)
        {
            return Text(new ReadOnlySpan<byte>(first, ProcessSpec.MaxNameBytes));
        }
    }

    public static string Name(in ProcessRow row)
    {
        // Safety: as above.
        fixed (byte* first = row.Name)
        {
            return Text(new ReadOnlySpan<byte>(first, ProcessSpec.MaxNameBytes));
        }
    }

    public static string Name(in EndpointRow row)
    {
        // Safety: as above.
        fixed (byte* first = row.Name)
        {
            return Text(new ReadOnlySpan<byte>(first, ProcessSpec.MaxNameBytes));
        }
    }

    public static string Name(in VaultRow row)
    {
        // Safety: as above.
        fixed (byte* first = row.Name)
        {
            return Text(new ReadOnlySpan<byte>(first, ProcessSpec.MaxNameBytes));
        }
    }

    public static string Name(in ImageRow row)
    {
        // Safety: 56 is the length of the fixed buffer.
        fixed (byte* first = row.Name)
        {
            return Text(new ReadOnlySpan<byte>(first, 56));
        }
    }

    /// <summary>Return addresses of the record, innermost first.</summary>
    public static ulong[] Frames(in DeathRecord record)
    {
        int count = (int)Math.Min(record.FrameCount, DeathRecord.MaxFrames);
        // Safety: count is at most the length of the fixed buffer.
        fixed (ulong* first = record.Frames)
        {
            return new ReadOnlySpan<ulong>(first, count).ToArray();
        }
    }

    private static string Text(ReadOnlySpan<byte> padded)
    {
        int end = padded.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? padded : padded[..end]);
    }
}
