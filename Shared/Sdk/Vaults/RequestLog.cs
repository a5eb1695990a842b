// The last requests that must not be executed twice, with their answers.
//
// Rules: recorded in the transaction that the request makes. One that comes again after a death is
// answered from here. A server has one request in hand, so the last would do; more are kept for
// requests that come by way of another server, and for those that are parked.

using Shared.Abi;

namespace Shared.Sdk.Vaults;

public sealed class RequestLog
{
    private const ulong EntryBytes = 16;
    private const ulong AnswerAt = 8;

    private readonly IVaultMemory _memory;
    private readonly RedoLog _log;
    private readonly ulong _countAt;
    private readonly ulong _first;
    private readonly int _slots;
    private ulong _count;
    private RequestId _last;

    public RequestLog(SmallVault vault, int slots)
        : this(vault.Memory, vault.Log, slots, vault.Reserve(sizeof(ulong) + BytesFor(slots)))
    {
        if (!vault.IsNew) return;
        vault.Memory.Clear(_countAt, sizeof(ulong) + BytesFor(slots));
        _count = 0;
    }

    /// <param name="countAt">Offset of a word that was zero when the vault was made.</param>
    /// <param name="first">Offset of BytesFor(slots) bytes, likewise.</param>
    public RequestLog(
        IVaultMemory memory, RedoLog log, int slots, ulong countAt, ulong first)
    {
        _memory = memory;
        _log = log;
        _slots = slots;
        _countAt = countAt;
        _first = first;
        _count = memory.Load(countAt);
    }

    private RequestLog(IVaultMemory memory, RedoLog log, int slots, ulong at)
        : this(memory, log, slots, at, at + sizeof(ulong))
    {
    }

    public static ulong BytesFor(int slots) => (ulong)slots * EntryBytes;

    /// <summary>True when the request was executed by an incarnation that is dead.</summary>
    public bool TryFind(Request request, out ulong answer)
    {
        answer = 0;
        if (request.Attempt <= 1) return false;
        // The newest first: a request that comes in pieces is recorded with each of them.
        for (ulong age = 1; age <= (ulong)_slots && age <= _count; age++)
        {
            ulong at = At((int)((_count - age) % (ulong)_slots));
            if (_memory.Load(at) != request.Id.Value) continue;
            answer = _memory.Load(at + AnswerAt);
            return true;
        }
        return false;
    }

    /// <summary>
    /// The request has its answer with the transaction in progress. A second one for the request in
    /// hand takes the place of the first.
    /// </summary>
    public void Record(Request request, ulong answer) => Record(request.Id, answer);

    public void Record(RequestId id, ulong answer)
    {
        if (id != _last) _log.Set(_countAt, ++_count);
        _last = id;
        ulong at = At((int)((_count - 1) % (ulong)_slots));
        _log.Set(at, id.Value);
        _log.Set(at + AnswerAt, answer);
    }

    private ulong At(int slot) => _first + (ulong)slot * EntryBytes;
}
