// A fault that waits for its moment: the loop tells it what happens to each request.

using System;
using Shared.Abi;

namespace Shared.Sdk.Tasks;

internal sealed class InjectedFault(IKernel kernel, Injection injection)
{
    private int _requestsLeft = Math.Max(injection.Request, 1);

    /// <summary>A request has come. A task that is to hang in it does not look at it.</summary>
    public void Received()
    {
        _requestsLeft--;
        bool isHang = injection.Fault == ControlBits.Hang;
        if (isHang && injection.Moment != FaultMoment.AfterCommit) CommitIfDue();
    }

    public void Handled()
    {
        if (injection.Moment != FaultMoment.AfterCommit) CommitIfDue();
    }

    public void Committed()
    {
        if (injection.Moment == FaultMoment.AfterCommit) CommitIfDue();
    }

    private void CommitIfDue()
    {
        if (_requestsLeft == 0) Faults.Inject(kernel, injection.Fault);
    }
}
