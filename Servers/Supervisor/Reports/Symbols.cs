// Fetches the symbol file of an image from the boot archive, maps it while it is needed, and names
// addresses. A machine without symbol files shows bare addresses.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Supervisor.Reports;

public sealed class Symbols(IKernel kernel, Handle machine)
{
    private const int MaxFileBytes = 64 * 1024 * 1024;

    /// <summary>One line for each frame.</summary>
    public List<string> Describe(string image, ReadOnlySpan<ulong> frames)
    {
        using MappedMemory? file = Map(image + ".sym");
        List<string> lines = [];
        for (int i = 0; i < frames.Length; i++)
        {
            // A return address may lie behind its method; the first frame is no return address.
            ulong lookup = i == 0 || frames[i] == 0 ? frames[i] : frames[i] - 1;
            string? name = file is null ? null : SymbolTable.Find(file.Bytes, lookup);
            lines.Add(name is null ? $"0x{frames[i]:x}" : $"0x{frames[i]:x} {name}");
        }
        return lines;
    }

    private MappedMemory? Map(string name)
    {
        int lengthBytes = Length(name);
        if (lengthBytes == 0) return null;
        Result<Handle> file = kernel.ImageOpen(machine, name);
        if (!file.IsOk) return null;
        Result<MappedMemory> mapped = MappedMemory.Map(
            kernel, file.Value, lengthBytes, Rights.Read);
        kernel.Close(file.Value);
        return mapped.IsOk ? mapped.Value : null;
    }

    private int Length(string name)
    {
        ImageRow[] rows = new ImageRow[32];
        ulong cursor = 0;
        do
        {
            Result<InspectPage<ImageRow>> page = kernel.Inspect<ImageRow>(
                machine, InspectKind.Images, cursor, rows);
            if (!page.IsOk) return 0;
            foreach (ref readonly ImageRow row in rows.AsSpan(0, page.Value.Count))
            {
                if (FixedFields.Name(row) != name) continue;
                return row.LengthBytes <= MaxFileBytes ? (int)row.LengthBytes : 0;
            }
            cursor = page.Value.NextCursor;
        }
        while (cursor != 0);
        return 0;
    }
}
