// Makes a process from an image of the boot archive and sets it going. Kernel calls only.
//
// Rules: in two steps, with the saving of its row between them; who gives up in between abandons
// the process.

using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Servers.Supervisor.Launching;

/// <summary>Everything about a process before it is one.</summary>
public sealed record LaunchPlan
{
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required TaskSpec Spec { get; init; }
    public required IReadOnlyList<Grant> Grants { get; init; }
    /// <summary>Without the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    public IReadOnlyList<string> Environment { get; init; } = [];
    /// <summary>The image's bytes; None: of the boot archive, by its name.</summary>
    public Handle Program { get; init; }
    public Handle Vault { get; init; }
    public uint Incarnation { get; init; }
}

public sealed class Launcher(Authority authority, TemplateKeeper templates)
{
    private readonly IKernel _kernel = authority.Kernel;
    private readonly StringBlock _strings = new();
    private readonly byte[] _lastWords = new byte[Limits.LastWordsBytes];

    /// <summary>
    /// Makes the process, which does not run yet: its row is saved first, so that no process runs
    /// that no row names.
    /// </summary>
    public Result<CreatedProcess> Create(LaunchPlan plan)
    {
        if (!plan.Program.IsNone) return Create(plan, plan.Program);
        Handle template = templates.Find(plan.Image, plan.Spec);
        if (!template.IsNone && Create(plan, template) is { IsOk: true } copied) return copied;
        Result<Handle> image = _kernel.ImageOpen(authority.Machine, plan.Image);
        if (!image.IsOk) return image.Status;
        Result<CreatedProcess> created = Create(plan, image.Value);
        _kernel.Close(image.Value);
        return created;
    }

    private Result<CreatedProcess> Create(LaunchPlan plan, Handle image)
    {
        ProcessSpec spec = new()
        {
            Image = image.Value,
            Vault = plan.Vault.Value,
            DeathNotification = authority.Deaths.Value,
            DeathBits = Authority.DeathBits,
            MemoryQuotaPages = plan.Spec.MemoryPages,
            HandleQuota = plan.Spec.Handles,
            ThreadQuota = plan.Spec.Threads,
            Priority = plan.Spec.Priority,
            LayerValue = plan.Spec.Layer.Value,
            Incarnation = plan.Incarnation,
        };
        FixedFields.SetName(ref spec, ProcessNames.Cut(plan.Name));
        return _kernel.ProcessCreate(authority.Machine, spec);
    }

    /// <summary>Gives it what the plan says, and sets it going.</summary>
    public Status Start(Handle process, LaunchPlan plan)
    {
        Result<StringBlock> strings = Give(process, plan);
        return strings.IsOk
            ? _kernel.ProcessStart(process, strings.Value, 1 + plan.Arguments.Count)
            : strings.Status;
    }

    /// <summary>
    /// Gives it all capabilities. The strings say which, among the rest, until the next start.
    /// </summary>
    public Result<StringBlock> Give(Handle process, LaunchPlan plan)
    {
        _strings.Clear();
        _strings.Add(plan.Image);
        foreach (string argument in plan.Arguments) _strings.Add(argument);
        foreach (string variable in plan.Environment) _strings.Add(variable);
        foreach (Grant grant in plan.Grants)
        {
            Result<Handle> given = _kernel.ProcessGive(process, grant.Handle, grant.Rights);
            if (!given.IsOk) return given.Status;
            _strings.Add("CAP_", grant.Name, given.Value.Value);
        }
        if (!plan.Vault.IsNone) _strings.Add("VAULT_", "BYTES", plan.Spec.VaultBytes);
        return _strings;
    }

    /// <summary>How a process has ended, if it has. The record stays until Collect.</summary>
    public bool TryLook(Handle process, out DeathRecord record, out string lastWords)
    {
        Result<uint> length = _kernel.ProcessCollect(
            process, out record, _lastWords, CollectMode.Look);
        lastWords = length is { IsOk: true, Value: > 0 }
            ? Encoding.UTF8.GetString(_lastWords, 0, (int)length.Value) : "";
        return length.IsOk;
    }

    /// <summary>
    /// Takes the exit record of a process whose report is safe, and lets go of its handles.
    /// </summary>
    public void Collect(Handle process, Handle control)
    {
        if (!process.IsNone)
        {
            _kernel.ProcessCollect(process, out _, []);
            _kernel.Close(process);
        }
        if (!control.IsNone) _kernel.Close(control);
    }

    /// <summary>Ends a process that nobody must hear of, and takes its exit record.</summary>
    public void Abandon(Handle process, Handle control = default)
    {
        _kernel.ProcessKill(process);
        Collect(process, control);
    }
}
