// The last requests that must not be executed twice, with their answers.
//
// Rules: recorded in the transaction that the request makes. One that comes again after a death is
// answered from here. A server has one request in hand, so the last would do; more are kept for
// requests that come by way of another server.

using Shared.Abi;
using Shared.Sdk;

namespace Servers.MemFs;

internal sealed class RequestLog(MemVault vault)
{
    private const ulong AnswerAt = 8;

    private ulong _count = vault.Memory.Load(MemVault.RequestCountAt);

    /// <summary>True when the request was executed by an incarnation that is dead.</summary>
    public bool TryFind(Request request, out ulong answer)
    {
        answer = 0;
        if (request.Attempt <= 1) return false;
        for (int slot = 0; slot < VaultLayout.MaxRequests; slot++)
        {
            ulong at = VaultLayout.Request(slot);
            if (vault.Memory.Load(at) != request.Id.Value) continue;
            answer = vault.Memory.Load(at + AnswerAt);
            return true;
        }
        return false;
    }

    /// <summary>The request succeeds with the transaction in progress.</summary>
    public void Record(Request request, ulong answer)
    {
        ulong at = VaultLayout.Request((int)(_count % VaultLayout.MaxRequests));
        vault.Log.Set(at, request.Id.Value);
        vault.Log.Set(at + AnswerAt, answer);
        vault.Log.Set(MemVault.RequestCountAt, ++_count);
    }
}
