// The capability tree against a naive model, over random histories that CsCheck shrinks.

using CosmosKernel.Processes;
using CsCheck;
using NUnit.Framework;
using Shared.Abi;
using System.Collections.Generic;
using System.Linq;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Capabilities;

public sealed class CapabilityModelTests
{
    enum Act { Mint, Copy, Give, Close, Revoke, Reclaim, Kill }

    sealed class Node
    {
        public required ulong Handle;
        public required int Holder;
        public Node? Parent;
        public bool IsDead;
    }

    /// <summary>What the kernel promises, in the shortest code that does it.</summary>
    sealed class Model
    {
        public readonly List<Node> Nodes = [];

        public void Revoke(Node node)
        {
            foreach (Node child in Nodes.Where(one => one.Parent == node && !one.IsDead).ToArray())
            {
                child.IsDead = true;
                Revoke(child);
            }
        }

        public void Close(Node node)
        {
            foreach (Node child in Nodes.Where(one => one.Parent == node))
                child.Parent = node.Parent;
            Nodes.Remove(node);
        }
    }

    static readonly Gen<(Act, int, int)[]> Histories =
        Gen.Select(Gen.Enum<Act>(), Gen.Int[0, 999], Gen.Int[0, 999]).Array[1, 120];

    [Test]
    public void Tree_agrees_with_the_model_after_any_history() =>
        Histories.Sample(Agrees, iter: 600, threads: 1);

    static bool Agrees((Act Act, int First, int Second)[] history)
    {
        KernelBench bench = new(
            KernelBench.SmallConfig with { Capabilities = 400, Endpoints = 8 });
        Process[] processes = new Process[3];
        for (int number = 0; number < processes.Length; number++)
            processes[number] = bench.NewProcess("holder", Layer.Program);
        Model model = new();
        Node root = new()
        {
            Handle = bench.Make(processes[0], SystemCall.EndpointCreate, 0, 2), Holder = 0,
        };
        model.Nodes.Add(root);
        foreach ((Act act, int first, int second) in history)
        {
            Step(bench, processes, model, act, first, second);
            foreach (Node node in model.Nodes)
            {
                Status status = bench.Kernel.Capabilities.Find(
                    processes[node.Holder], node.Handle, out _);
                if (status != (node.IsDead ? Status.Revoked : Status.Ok)) return false;
            }
        }

        KernelAudit.Check(bench.Kernel);
        foreach (Process process in processes)
            ProcessDeath.Kill(bench.Kernel, process, DeathCause.Killed);
        bench.Reclaim();
        KernelAudit.Check(bench.Kernel);
        return bench.Kernel.Capabilities.UsedCount == 0 && bench.Kernel.Endpoints.Count == 0
            && bench.Kernel.Badges.Count == 0;
    }

    static void Step(
        KernelBench bench, Process[] processes, Model model, Act act, int first, int second)
    {
        if (model.Nodes.Count == 0) return;
        Node node = model.Nodes[first % model.Nodes.Count];
        Process holder = processes[node.Holder];
        int target = second % processes.Length;
        switch (act)
        {
            case Act.Mint:
                CallResult minted = bench.Do(
                    holder, SystemCall.Mint, node.Handle, (ulong)Rights.All, (ulong)second % 5);
                Add(bench, holder, model, minted, node, node.Holder);
                break;
            case Act.Copy:
                CallResult copied = bench.Do(
                    holder, SystemCall.Copy, node.Handle, (ulong)Rights.All);
                Add(bench, holder, model, copied, node.Parent, node.Holder);
                break;
            case Act.Give when !node.IsDead:
                model.Nodes.Add(new Node
                {
                    Handle = bench.Give(holder, node.Handle, processes[target]),
                    Holder = target, Parent = node.Parent,
                });
                break;
            case Act.Close:
                bench.Do(holder, SystemCall.Close, node.Handle);
                model.Close(node);
                break;
            case Act.Revoke when !node.IsDead:
                bench.Do(holder, SystemCall.Revoke, node.Handle);
                model.Revoke(node);
                break;
            case Act.Reclaim:
                int budget = second % 10;
                while (budget > 0 && bench.Kernel.Capabilities.HasReclaimWork)
                    bench.Kernel.Capabilities.Reclaim(ref budget);
                break;
            case Act.Kill when target != 0:
                ProcessDeath.Kill(bench.Kernel, processes[target], DeathCause.Killed);
                if (second % 2 == 0) bench.Reclaim();
                foreach (Node lost in model.Nodes.Where(one => one.Holder == target).ToArray())
                    model.Close(lost);
                processes[target] = bench.NewProcess("holder", Layer.Program);
                break;
            default:
                break;
        }
    }

    static unsafe void Add(
        KernelBench bench, Process holder, Model model, CallResult result, Node? parent, int index)
    {
        if (result.Status != Status.Ok) return;
        model.Nodes.Add(new Node
        {
            Handle = holder.MainThread!.Frame->A0, Holder = index, Parent = parent,
        });
    }
}
