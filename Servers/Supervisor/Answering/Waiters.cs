// Parked requests, each waiting for something to happen to a subject.
//
// Bounded by looking whether callers are still there: a cancelled caller leaves nothing behind.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Supervisor.Answering;

public sealed class Waiters<TSubject> where TSubject : class
{
    private readonly List<(TSubject Subject, Request Request)> _waiting = [];

    public int Count => _waiting.Count;

    /// <summary>Parks the request. Parked, or why that cannot be.</summary>
    public Status Add(TSubject subject, Request request)
    {
        Status status = request.Park();
        if (status == Status.Ok) _waiting.Add((subject, request));
        return Status.Parked;
    }

    /// <summary>Answers everybody who waits for the subject.</summary>
    public void Complete(TSubject subject, Action<Request> answer)
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(_waiting[i].Subject, subject)) continue;
            Request request = _waiting[i].Request;
            _waiting.RemoveAt(i);
            answer(request);
        }
    }

    /// <summary>
    /// Lets go of requests that the kernel does not list among the calls any more.
    /// </summary>
    public void DropGone(ReadOnlySpan<WaitRow> calls)
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (IsListed(_waiting[i].Request.Id, calls)) continue;
            Request request = _waiting[i].Request;
            _waiting.RemoveAt(i);
            request.Complete(Status.Cancelled);
        }
    }

    private static bool IsListed(RequestId id, ReadOnlySpan<WaitRow> calls)
    {
        foreach (ref readonly WaitRow call in calls)
        {
            if (call.RequestId == id.Value) return true;
        }
        return false;
    }
}
