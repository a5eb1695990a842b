// The last requests that must not be executed twice, with their answers.
//
// Rules: recorded in the transaction that the request makes; one that comes again is answered from
// here. A record may go once its reply has returned: a server that answers before it receives again
// needs one, and one more for each request that it may have parked. A nested request comes again
// when the server that made it has died, long after its own reply, and as a new call (Attempt 1);
// so nested ones have a ring of their own, which direct ones do not push them out of (decision
// 0013).

using System;
using Shared.Abi;

namespace Shared.Sdk.Vaults;

public sealed class RequestLog
{
    /// <summary>The kernel sets it in the ids of nested calls, and never in others.</summary>
    private const ulong NestedMark = 1UL << 63;
    private const ulong EntryBytes = 24;
    private const ulong ContentAt = 8;
    private const ulong AnswerAt = 16;
    private const int HalfBits = 32;

    private readonly IVaultMemory _memory;
    private readonly UndoLog _log;
    private readonly ulong _countAt;
    private readonly ulong _first;
    private readonly Ring _direct;
    private readonly Ring _nested;
    /// <summary>Of the request that was recorded last.</summary>
    private RequestId _lastId;
    private int _lastSlot;

    private sealed class Ring(int first, int slots)
    {
        /// <summary>How many were recorded; goes round among the numbers of full rings.</summary>
        public uint Count;
        public uint Length => Math.Min(Count, (uint)slots);

        /// <summary>Age 1 is the slot that was taken last.</summary>
        public int SlotOf(uint age) => first + (int)((Count - age) % (uint)slots);

        public int TakeSlot()
        {
            int slot = (int)(Count % (uint)slots);
            if (++Count == 2 * (uint)slots) Count = (uint)slots;
            return first + slot;
        }
    }

    public RequestLog(SmallVault vault, int slots)
        : this(vault.Memory, vault.Log, slots, vault.Reserve(sizeof(ulong) + BytesFor(slots)))
    {
        if (!vault.IsNew) return;
        vault.Memory.Clear(_countAt, sizeof(ulong) + BytesFor(slots));
        _direct.Count = _nested.Count = 0;
    }

    /// <param name="slots">At least two; half of them are for nested requests.</param>
    /// <param name="countAt">Offset of a word that was zero when the vault was made.</param>
    /// <param name="first">Offset of BytesFor(slots) bytes.</param>
    public RequestLog(IVaultMemory memory, UndoLog log, int slots, ulong countAt, ulong first)
    {
        _memory = memory;
        _log = log;
        _countAt = countAt;
        _first = first;
        int direct = slots / 2;
        ulong counts = memory.Load(countAt);
        _direct = new Ring(0, direct) { Count = (uint)counts };
        _nested = new Ring(direct, slots - direct) { Count = (uint)(counts >> HalfBits) };
    }

    private RequestLog(IVaultMemory memory, UndoLog log, int slots, ulong at)
        : this(memory, log, slots, at, at + sizeof(ulong))
    {
    }

    public static ulong BytesFor(int slots) => (ulong)slots * EntryBytes;

    /// <summary>True when the request was executed before.</summary>
    public bool TryFind(Request request, out ulong answer) => TryFind(request, 0, out answer);

    /// <summary>
    /// The content is any word that the server makes of what was asked: a server that made nested
    /// calls may, in its second life, ask for something else under the same id.
    /// </summary>
    public bool TryFind(Request request, ulong content, out ulong answer)
    {
        answer = 0;
        bool isNested = IsNested(request.Id);
        if (!isNested && request.Attempt <= 1) return false;
        Ring ring = isNested ? _nested : _direct;
        // The newest first: a request that comes in pieces is recorded with each of them.
        for (uint age = 1; age <= ring.Length; age++)
        {
            ulong at = At(ring.SlotOf(age));
            if (_memory.Load(at) != request.Id.Value) continue;
            if (_memory.Load(at + ContentAt) != content) continue;
            answer = _memory.Load(at + AnswerAt);
            return true;
        }
        return false;
    }

    public void Record(Request request, ulong answer) => Record(request, 0, answer);

    /// <summary>
    /// The request has its answer with the transaction in progress. A second one for the request in
    /// hand takes the place of the first.
    /// </summary>
    public void Record(Request request, ulong content, ulong answer) =>
        Record(request.Id, content, answer);

    public void Record(RequestId id, ulong answer) => Record(id, 0, answer);

    private void Record(RequestId id, ulong content, ulong answer)
    {
        if (id != _lastId)
        {
            _lastSlot = (IsNested(id) ? _nested : _direct).TakeSlot();
            _lastId = id;
            _log.Set(_countAt, (ulong)_nested.Count << HalfBits | _direct.Count);
        }
        ulong at = At(_lastSlot);
        _log.Set(at, id.Value);
        _log.Set(at + ContentAt, content);
        _log.Set(at + AnswerAt, answer);
    }

    private static bool IsNested(RequestId id) => (id.Value & NestedMark) != 0;

    private ulong At(int slot) => _first + (ulong)slot * EntryBytes;
}
