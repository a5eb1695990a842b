// Where everything of the console lies in its vault.
//
// Rules: made by every incarnation, in this order; the owner of each part puts its changes into
// the transaction, and the server commits before anything of it is seen outside.

using Servers.Console.Editing;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class ConsoleVault
{
    public const ulong VaultBytes = 4 * 1024 * 1024;
    /// <summary>One for each task that has the console; the next is QuotaExceeded.</summary>
    public const int MaxSessions = 256;
    /// <summary>Of the longest part: a line, or a prompt, and some numbers.</summary>
    public const int PartBytes = LineBuffer.MaxBytes + 256;
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKCONSL3";
    private const int Parts = 8;
    private const int RequestsKept = 64;

    private readonly SmallVault _vault;

    public ConsoleVault(IVaultMemory memory)
    {
        int partWords = RecordTable.LogWordsFor(PartBytes);
        _vault = new SmallVault(memory, Name, (Parts + 2) * partWords + Answers.LogWords);
        IsFirst = _vault.IsNew;
        PartTable = new RecordTable(_vault, Parts, PartBytes);
        HistoryTable = new RecordTable(_vault, History.Capacity, LineBuffer.MaxBytes);
        SessionTable = new RecordTable(_vault, MaxSessions, PartBytes);
        Answers = new Answers(_vault);
        Requests = new RequestLog(_vault, RequestsKept);
        Received = new InputRing(_vault);
        Typed = new KeyQueue(_vault);
        Unsent = new OutputRing(_vault);
        _vault.Publish();
    }

    /// <summary>No incarnation before this one has had the vault.</summary>
    public bool IsFirst { get; }
    /// <summary>Line, prompt, terminal: one record each, see StateKeeper.</summary>
    public RecordTable PartTable { get; }
    /// <summary>By the number of the line, which grows.</summary>
    public RecordTable HistoryTable { get; }
    /// <summary>By badge.</summary>
    public RecordTable SessionTable { get; }
    public Answers Answers { get; }
    /// <summary>Completions, and writes with the bytes of them that were printed.</summary>
    public RequestLog Requests { get; }
    public InputRing Received { get; }
    public KeyQueue Typed { get; }
    public OutputRing Unsent { get; }

    public static ConsoleVault OnHeap() => new(new HeapVaultMemory(VaultBytes));

    public void Commit()
    {
        Typed.SetEnds();
        Unsent.SetEnd();
        _vault.Commit();
    }
}
