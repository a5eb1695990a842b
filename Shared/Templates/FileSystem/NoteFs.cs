// A file system in a page: two texts that it makes up, and a note that you can write, which is
// still there when this server has been killed.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Files;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

return SimpleFileSystem.Run(static task => new NoteFs(
    NativeVaultMemory.Find(task) ?? throw new InvalidOperationException("no vault")));

/// <summary>The vault is memory that outlives this process: a length, then the note.</summary>
sealed class NoteFs(IVaultMemory vault) : SimpleFileSystem
{
    private const ulong Hello = 1, Texts = 2, Date = 3, Note = 4, NoteAt = 8, MaxNoteBytes = 4096;

    protected override IReadOnlyList<SimpleEntry> List(ulong directory) => directory == Texts
        ? [new(Date, "date.txt", FileType.File, (ulong)Today.Length)]
        :
        [
            new(Hello, "hello.txt", FileType.File, (ulong)"hello\n"u8.Length),
            new(Note, "note.txt", FileType.File, vault.Load(0)),
            new(Texts, "texts", FileType.Directory),
        ];

    protected override int Read(ulong file, ulong offset, Span<byte> target)
    {
        if (file != Note) return Part(file == Hello ? "hello\n"u8 : Today, offset, target);
        Span<byte> note = stackalloc byte[(int)vault.Load(0)];
        vault.Read(NoteAt, note);
        return Part(note, offset, target);
    }

    protected override bool MayWrite(ulong file) => file == Note;

    protected override Status Write(ulong file, ulong offset, ReadOnlySpan<byte> source)
    {
        if (offset > vault.Load(0)) return Status.BadArgument;
        if (offset + (ulong)source.Length > MaxNoteBytes) return Status.NoSpace;
        vault.Write(NoteAt + offset, source);
        // The length comes last: who is killed before it has not written.
        vault.Store(0, Math.Max(vault.Load(0), offset + (ulong)source.Length));
        return Status.Ok;
    }

    protected override Status SetLength(ulong file, ulong lengthBytes)
    {
        if (lengthBytes > vault.Load(0)) return Status.BadArgument;
        vault.Store(0, lengthBytes);
        return Status.Ok;
    }

    private static byte[] Today => Encoding.UTF8.GetBytes($"{DateTime.UtcNow:yyyy-MM-dd}\n");
}
