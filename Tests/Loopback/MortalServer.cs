// A server that dies where its vault does: the test is told, and may start the next one.

using System;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

public sealed class MortalServer(IServer server, Action died) : IServer
{
    private bool _isDead;

    public ulong NextDeadlineNs => server.NextDeadlineNs;
    public bool RetiresItself => server.RetiresItself;

    public void Handle(Request request) => Guard(() => server.Handle(request));

    public void Closed(Badge badge) => Guard(() => server.Closed(badge));

    public void Notified(ulong bits) => Guard(() => server.Notified(bits));

    public void DeadlineReached() => Guard(server.DeadlineReached);

    public void Commit() => Guard(server.Commit);

    private void Guard(Action action)
    {
        // The loop of this incarnation ends only after it has asked for the commit.
        if (_isDead) return;
        try
        {
            action();
        }
        catch (VaultDeath)
        {
            _isDead = true;
            died();
        }
    }
}
