// Starts processes without a task, and gives them one.
//
// Rules: a candidate is in no row of the vault, so a supervisor that dies takes it along; it gets
// capabilities only by the supervisor's writing its table; whoever gives it a role has saved the
// row before.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Servers.Supervisor.Launching;

public sealed class CandidateKeeper(Authority authority, Launcher launcher)
{
    /// <summary>Tells a process that it has no task yet (TaskMain).</summary>
    public const string Variable = "SPARE=1";

    private readonly IKernel _kernel = authority.Kernel;
    private readonly Dictionary<Badge, Candidate> _candidates = [];

    public Result<Candidate> Launch(TaskSpec spec, string image, string name)
    {
        Badge badge = authority.NextBadge();
        Result<Handle> supervisor = _kernel.Mint(
            authority.Endpoint, Rights.Call | Rights.Pass, badge);
        if (!supervisor.IsOk) return supervisor.Status;
        Result<Handle> control = _kernel.NotificationCreate();
        LaunchPlan plan = new()
        {
            Name = name, Image = image, Spec = spec, Environment = [Variable],
            Grants = [new Grant("supervisor", supervisor.Value, Rights.Call)],
        };
        Result<CreatedProcess> created = control.IsOk ? launcher.Create(plan) : control.Status;
        if (!created.IsOk)
        {
            _kernel.Close(supervisor.Value);
            if (control.IsOk) _kernel.Close(control.Value);
            return created.Status;
        }
        Candidate candidate = new(spec, image, badge)
        {
            Supervisor = supervisor.Value, Control = control.Value,
            Process = created.Value.Process, ProcessId = created.Value.Id,
        };
        _candidates.Add(badge, candidate);
        Status status = launcher.Start(candidate.Process, plan);
        if (status == Status.Ok) return candidate;
        End(candidate);
        return status;
    }

    /// <summary>The candidate is up. Null: who asks is none.</summary>
    public Candidate? Await(Request request, WriteLease strings)
    {
        if (!_candidates.TryGetValue(request.Badge, out Candidate? candidate)) return null;
        if (request.Park() != Status.Ok) return candidate;
        candidate.Waiting = request;
        candidate.Strings = strings;
        return candidate;
    }

    /// <summary>Kills it, and lets go of all that belongs to it.</summary>
    public void End(Candidate candidate)
    {
        Forget(candidate);
        launcher.Abandon(candidate.Process, candidate.Control);
    }

    /// <summary>
    /// Makes it what the plan says. When this is not Ok it is of no more use, and nothing is kept
    /// for it; WouldBlock: it does not wait yet.
    /// </summary>
    public Status Give(Candidate candidate, LaunchPlan plan, VaultMode mode)
    {
        if (candidate.Waiting is not { } waiting) return Status.WouldBlock;
        Status status = Give(candidate, waiting, plan, mode);
        if (status != Status.Ok) Forget(candidate);
        return status;
    }

    private Status Give(
        Candidate candidate, Request waiting, LaunchPlan plan, VaultMode mode)
    {
        byte[] name = Encoding.UTF8.GetBytes(ProcessNames.Cut(plan.Name));
        Status status = _kernel.ProcessRename(candidate.Process, name, plan.Incarnation);
        if (status == Status.Ok && !plan.Vault.IsNone)
        {
            status = _kernel.ProcessAttachVault(candidate.Process, plan.Vault, mode);
        }
        if (status != Status.Ok) return status;
        Result<StringBlock> strings = launcher.Give(candidate.Process, plan);
        if (!strings.IsOk) return strings.Status;
        ReadOnlySpan<byte> bytes = strings.Value.Bytes;
        status = bytes.Length > candidate.Strings.LengthBytes
            ? Status.TooLarge : candidate.Strings.CopyFrom(0, bytes);
        if (status != Status.Ok) return status;
        Forget(candidate);
        // A probe decides before anybody is served.
        ReadyMoment ready = mode == VaultMode.Probe ? ReadyMoment.First : ReadyMoment.Later;
        Result<Role> role = new Role((uint)bytes.Length, 1 + (uint)plan.Arguments.Count, ready);
        return waiting.Complete(role);
    }

    private void Forget(Candidate candidate)
    {
        if (!_candidates.Remove(candidate.Badge)) return;
        _kernel.Close(candidate.Supervisor);
    }
}
