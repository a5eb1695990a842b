// The last requests that must not be executed twice, with their answers.
//
// An entry is the answer, and a word that is a hash of request, content and answer with the entry's
// place in the sequence: what is not whole is nobody's.
// Rules: recorded in the transaction that the request makes; one that comes again is answered from
// here. A record may go once its reply has returned: a server that answers before it receives again
// needs one, and one more for each request that it may have parked. A nested request comes again
// when the server that made it has died, long after its own reply, and as a new call (Attempt 1);
// so nested ones have a ring of their own, which direct ones do not push them out of (decision
// 0013).

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;

namespace Shared.Sdk.Vaults;

public sealed class RequestLog
{
    /// <summary>The kernel sets it in the ids of nested calls, and never in others.</summary>
    private const ulong NestedMark = 1UL << 63;
    private const ulong EntryBytes = 16;
    private const ulong WordAt = 8;
    private const int SequenceBits = 16;
    private const ulong SequenceMask = (1UL << SequenceBits) - 1;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    private readonly UndoLog _log;
    private readonly Ring _direct;
    private readonly Ring _nested;
    /// <summary>Of the request that was recorded last.</summary>
    private RequestId _lastId;
    private ulong _lastAt;
    private uint _lastSequence;

    /// <summary>Slots that are taken one after the other, round and round.</summary>
    private sealed class Ring(UndoLog log, ulong first, int slots)
    {
        /// <summary>A multiple of the slots, so that a number says which one.</summary>
        private readonly uint _numbers = (uint)((1 << SequenceBits) / slots * slots);
        /// <summary>Of the entry that comes next; the vault is asked when it is wanted.</summary>
        private uint _next = uint.MaxValue;

        public int Slots => slots;

        public ulong Take(out uint sequence)
        {
            sequence = Next;
            _next = sequence + 1 == _numbers ? 0 : sequence + 1;
            return At((int)(sequence % (uint)slots));
        }

        /// <summary>Age 1 is the slot that was taken last.</summary>
        public ulong OfAge(int age) =>
            At((int)((Next + _numbers - (uint)age) % (uint)slots));

        private uint Next
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => _next != uint.MaxValue ? _next : Find();
        }

        /// <summary>Behind the last entry whose successor does not follow it.</summary>
        private uint Find()
        {
            _next = 0;
            for (int slot = 0; slot < slots; slot++)
            {
                ulong word = log.Load(At(slot) + WordAt);
                if (word == 0) break;
                uint follows = (uint)((word & SequenceMask) + 1) % _numbers;
                _next = follows;
                ulong after = log.Load(At((slot + 1) % slots) + WordAt);
                if (after == 0 || (after & SequenceMask) != follows) break;
            }
            return _next;
        }

        private ulong At(int slot) => first + (ulong)slot * EntryBytes;
    }

    public RequestLog(SmallVault vault, int slots)
        : this(vault.Log, slots, vault.ReserveZeros(BytesFor(slots)))
    {
    }

    /// <param name="slots">At least two; half of them are for nested requests.</param>
    /// <param name="first">Offset of BytesFor(slots) bytes, zeros when the vault was made.</param>
    public RequestLog(UndoLog log, int slots, ulong first)
    {
        _log = log;
        int direct = slots / 2;
        _direct = new Ring(log, first, direct);
        _nested = new Ring(log, first + (ulong)direct * EntryBytes, slots - direct);
    }

    public static ulong BytesFor(int slots) => (ulong)slots * EntryBytes;

    /// <summary>False: the request comes for the first time, and TryFind finds nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayBeAgain(Request request) =>
        request.Attempt > 1 || IsNested(request.Id);

    /// <summary>True when the request was executed before.</summary>
    public bool TryFind(Request request, out ulong answer) => TryFind(request, 0, out answer);

    /// <summary>
    /// The content is any word that the server makes of what was asked: a server that made nested
    /// calls may, in its second life, ask for something else under the same id.
    /// </summary>
    public bool TryFind(Request request, ulong content, out ulong answer)
    {
        answer = 0;
        if (!MayBeAgain(request)) return false;
        Ring ring = IsNested(request.Id) ? _nested : _direct;
        // The newest first: a request that comes in pieces is recorded with each of them.
        for (int age = 1; age <= ring.Slots; age++)
        {
            ulong at = ring.OfAge(age);
            ulong word = _log.Load(at + WordAt);
            if (word == 0) return false;
            ulong found = _log.Load(at);
            if (((word ^ HashOf(request.Id, content, found)) & ~SequenceMask) != 0) continue;
            answer = found;
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
            _lastAt = (IsNested(id) ? _nested : _direct).Take(out _lastSequence);
            _lastId = id;
            // The entry that was here does not go with another answer.
            _log.SetFree(_lastAt, answer);
        }
        else
        {
            _log.Set(_lastAt, answer);
        }
        ulong hash = HashOf(id, content, answer) & ~SequenceMask;
        _log.Set(_lastAt + WordAt, hash | _lastSequence);
    }

    /// <summary>May come again long after its reply, if the server that made it dies.</summary>
    public static bool IsNested(RequestId id) => (id.Value & NestedMark) != 0;

    // Above the sequence never zero, which an entry that was never written is.
    private static ulong HashOf(RequestId id, ulong content, ulong answer)
    {
        ulong sum = id.Value * Multiplier;
        sum = (sum ^ sum >> 29 ^ content) * Multiplier;
        sum = (sum ^ sum >> 32 ^ answer) * Multiplier;
        return sum | 1UL << 63;
    }
}
