// A server for tests of the loop: does to each request what the test has put in, notes the events.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Unit.Shared.Sdk;

public sealed class EventServer : IServer
{
    public List<string> Events { get; } = [];
    public Action<Request> OnRequest { get; set; } = static request => request.Answer(Status.Ok);
    public Action OnCommit { get; set; } = static () => { };
    public ulong NextDeadlineNs { get; set; }
    /// <summary>When the loop has asked for one, in the words of Events.</summary>
    public List<string> Commits { get; } = [];

    public void Handle(Request request)
    {
        Events.Add($"call {request.Operation} attempt {request.Attempt}");
        OnRequest(request);
    }

    public void Closed(Badge badge) => Events.Add($"closed {badge.Value}");

    public void Notified(ulong bits) => Events.Add($"bits {bits}");

    public void DeadlineReached()
    {
        Events.Add("deadline");
        NextDeadlineNs = 0;
    }

    public void Commit()
    {
        Commits.Add(Events.Count == 0 ? "nothing" : Events[^1]);
        OnCommit();
    }
}
