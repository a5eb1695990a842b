// The keeper of a swarm: what a supervisor does, at random moments. It makes the topology, starts
// tasks, gives them capabilities, stops and kills them, and takes their exit records.
//
// Rules: one system call at each turn. What takes several is a script; its steps are made one
// after the other, with what the tasks do in between.

using CosmosKernel.Processes;
using Shared.Abi;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Swarm;

sealed unsafe class KeeperPolicy
{
    const int MaxServers = 6, MaxClients = 6, MaxBurst = 4, MaxHandles = 200;
    const int LongestRestSteps = 400;

    sealed class Slot
    {
        public int Number;
        public ShadowCapability? Endpoint, Handle;
        public SwarmProcess? Process;
        public byte LayerValue;
        public Priority Priority;
    }

    readonly SwarmWorld world;
    readonly Random random;
    readonly List<Slot> slots = [];
    readonly Queue<Action<SwarmThread>> script = new();
    readonly int killRate;
    ShadowCapability? notification, image;
    int burst;
    bool hasBegun;

    public KeeperPolicy(SwarmWorld world)
    {
        this.world = world;
        random = world.Random;
        killRate = random.Next(1, 12);
        int servers = random.Next(1, MaxServers + 1), clients = random.Next(1, MaxClients + 1);
        for (int number = 0; number < servers + clients; number++)
        {
            slots.Add(new()
            {
                Number = number,
                LayerValue = (byte)(number < servers ? random.Next(1, 6) : 6),
                Priority = (Priority)random.Next(3),
            });
        }

        Do(SystemCall.NotificationCreate);
        script.Enqueue(thread =>
        {
            notification = LastMade;
            thread.Number = SystemCall.NotificationBind;
            thread.Arguments[0] = notification!.Handle;
        });
        script.Enqueue(OpenImage);
        foreach (Slot slot in slots.Take(servers)) MakeEndpoint(slot);
    }

    /// <summary>The oracle's word of what the keeper's last call has made.</summary>
    public static ShadowCapability? LastMadeBy(SwarmProcess keeper) =>
        keeper.Handles.Count == 0 ? null : keeper.Handles[^1];

    ShadowCapability? LastMade => LastMadeBy(world.Keeper);
    ulong Machine => world.Keeper.Handles.First(one => one.Type == ObjectType.Machine).Handle;
    /// <summary>Ending: nothing is left that could be ended.</summary>
    public bool IsDone => world.Phase == SwarmPhase.Ending && script.Count == 0
        && world.Keeper.Handles.Count == 0;

    public void Choose(SwarmThread thread)
    {
        if (script.Count == 0) Think();
        if (script.TryDequeue(out Action<SwarmThread>? next)) next(thread);
        else Rest(thread);
    }

    void Rest(SwarmThread thread)
    {
        burst = random.Next(MaxBurst);
        thread.Number = SystemCall.Receive;
        thread.Arguments[2] = world.NowNs + (ulong)random.Next(1, LongestRestSteps) * world.StepNs;
    }

    void Do(SystemCall call, params ulong[] arguments) => script.Enqueue(thread =>
    {
        thread.Number = call;
        arguments.CopyTo(thread.Arguments, 0);
    });

    void Think()
    {
        if (!hasBegun)
        {
            image = LastImage();
            hasBegun = true;
        }

        if (world.Phase == SwarmPhase.Ending)
        {
            End();
            return;
        }

        Slot slot = slots[random.Next(slots.Count)];
        if (slot.Process is { IsEnding: true }) CollectEarly(slot);
        else if (slot.Process is { IsAlive: false }) Collect(slot);
        else if (slot.Process is { IsStopped: true } && random.Next(4) == 0)
            Do(SystemCall.ProcessContinue, slot.Handle!.Handle);
        else if (world.Phase == SwarmPhase.Settling) ContinueAll();
        else if (world.Keeper.Handles.Count > MaxHandles) CloseSomething();
        else if (burst-- <= 0) return;
        else if (slot.Process is null) Spawn(slot);
        else Disturb(slot);
    }

    ShadowCapability? LastImage() =>
        world.Keeper.Handles.FirstOrDefault(one => one.Type == ObjectType.Memory);

    void Disturb(Slot slot)
    {
        if (random.Next(100) < killRate)
        {
            DeathCause[] causes = [DeathCause.Killed, DeathCause.Hung, DeathCause.Replaced];
            Do(SystemCall.ProcessKill, slot.Handle!.Handle, (ulong)causes[random.Next(3)]);
        }
        else if (random.Next(12) == 0) Do(SystemCall.ProcessStop, slot.Handle!.Handle);
        else if (random.Next(4) == 0) GiveDoor(slot);
        else if (random.Next(6) == 0) RevokeSomething();
    }

    void ContinueAll()
    {
        foreach (Slot slot in slots)
            if (slot.Process is { IsStopped: true })
                Do(SystemCall.ProcessContinue, slot.Handle!.Handle);
    }

    void MakeEndpoint(Slot slot)
    {
        OnDeath onDeath = (OnDeath)random.Next(3);
        ulong deadlineNs = random.Next(2) == 0 ? 0 : (ulong)random.Next(20, 2_000) * world.StepNs;
        byte layer = slot.LayerValue;
        Do(SystemCall.EndpointCreate, (ulong)onDeath, layer, deadlineNs);
        script.Enqueue(thread =>
        {
            slot.Endpoint = LastMade;
            thread.Number = SystemCall.DescribeHandle;
            thread.Arguments[0] = slot.Endpoint!.Handle;
        });
    }

    void OpenImage(SwarmThread thread)
    {
        byte* name = world.ScratchOf(thread);
        Encoding.ASCII.GetBytes(SwarmWorld.ImageName, new Span<byte>(name, 16));
        thread.Number = SystemCall.ImageOpen;
        thread.Arguments[0] = Machine;
        thread.Arguments[1] = (ulong)name;
        thread.Arguments[2] = (ulong)SwarmWorld.ImageName.Length;
    }

    void Spawn(Slot slot)
    {
        // An endpoint that has vanished serves nobody: the task gets another.
        if (slot.Endpoint is { Target: SwarmEndpoint { IsVanished: true } })
        {
            Do(SystemCall.Close, slot.Endpoint.Handle);
            MakeEndpoint(slot);
        }

        script.Enqueue(thread => Create(thread, slot));
        script.Enqueue(thread =>
        {
            slot.Handle = LastMade;
            slot.Process = (SwarmProcess)slot.Handle!.Target!;
            slot.Process.Slot = slot.Number;
            GiveOwn(thread, slot);
        });
        for (int count = random.Next(2, 8); count > 0; count--) GiveDoor(slot);
        script.Enqueue(thread =>
        {
            byte* block = world.ScratchOf(thread);
            *(ushort*)block = 'x';
            thread.Number = SystemCall.ProcessStart;
            thread.Arguments[0] = slot.Handle!.Handle;
            thread.Arguments[1] = (ulong)block;
            thread.Arguments[2] = 2;
            thread.Arguments[3] = 1;
        });
    }

    void Create(SwarmThread thread, Slot slot)
    {
        ProcessSpec* spec = (ProcessSpec*)world.ScratchOf(thread);
        *spec = default;
        spec->Image = image!.Handle;
        spec->DeathNotification = notification!.Handle;
        spec->DeathBits = 1ul << slot.Number;
        spec->MemoryQuotaPages = 40;
        spec->HandleQuota = (ushort)random.Next(6, 48);
        spec->ThreadQuota = (ushort)random.Next(1, 5);
        spec->Priority = slot.Priority;
        spec->LayerValue = slot.LayerValue;
        spec->Name[0] = (byte)('a' + slot.Number);
        thread.Number = SystemCall.ProcessCreate;
        thread.Arguments[0] = Machine;
        thread.Arguments[1] = (ulong)spec;
    }

    void GiveOwn(SwarmThread thread, Slot slot)
    {
        thread.Number = SystemCall.ProcessGive;
        thread.Arguments[0] = slot.Handle!.Handle;
        thread.Arguments[1] = (slot.Endpoint ?? notification!).Handle;
        Rights some = Rights.Receive | Rights.Mint | Rights.Pass;
        thread.Arguments[2] = (ulong)(random.Next(3) == 0 ? Rights.All : some);
    }

    /// <summary>A new capability for somebody's endpoint, of some badge and some rights.</summary>
    void GiveDoor(Slot slot)
    {
        List<Slot> servers = slots.FindAll(one => one.Endpoint is { IsGone: false, IsDead: false }
            && (one.LayerValue < slot.LayerValue || random.Next(20) == 0));
        if (servers.Count == 0) return;
        Slot server = servers[random.Next(servers.Count)];
        Rights rights = Rights.Call | Rights.Pass;
        if (random.Next(4) == 0) rights |= Rights.Revoke | Rights.Mint;
        ulong badge = (ulong)random.Next(5);
        script.Enqueue(thread =>
        {
            thread.Number = SystemCall.Mint;
            thread.Arguments[0] = server.Endpoint!.Handle;
            thread.Arguments[1] = (ulong)rights;
            thread.Arguments[2] = badge;
        });
        script.Enqueue(thread =>
        {
            thread.Number = SystemCall.ProcessGive;
            thread.Arguments[0] = slot.Handle?.Handle ?? 0;
            thread.Arguments[1] = LastMade!.Handle;
            thread.Arguments[2] = (ulong)Rights.All;
        });
    }

    void RevokeSomething()
    {
        List<ShadowCapability> own = world.Keeper.Handles;
        ShadowCapability one = own[random.Next(own.Count)];
        // To revoke below an endpoint itself ends everybody: seldom.
        bool isRoot = one.Parent is null;
        if (one.Type == ObjectType.Endpoint && (!isRoot || random.Next(30) == 0))
            Do(SystemCall.Revoke, one.Handle);
    }

    void CloseSomething()
    {
        List<ShadowCapability> own = world.Keeper.Handles;
        ShadowCapability one = own[random.Next(own.Count)];
        if (one.Parent is not null) Do(SystemCall.Close, one.Handle);
    }

    void CollectEarly(Slot slot) => script.Enqueue(thread =>
    {
        thread.Number = SystemCall.ClockNow;
        if (slot.Process is not { IsEnding: true }) return;
        thread.Number = SystemCall.ProcessCollect;
        thread.Arguments[0] = slot.Handle!.Handle;
        thread.Arguments[1] = (ulong)world.ScratchOf(thread);
    });

    void Collect(Slot slot)
    {
        ShadowCapability handle = slot.Handle!;
        script.Enqueue(thread =>
        {
            thread.Number = SystemCall.ProcessCollect;
            thread.Arguments[0] = handle.Handle;
            thread.Arguments[1] = (ulong)world.ScratchOf(thread);
        });
        Do(SystemCall.Close, handle.Handle);
        script.Enqueue(thread =>
        {
            slot.Process = null;
            slot.Handle = null;
            thread.Number = SystemCall.ClockNow;
        });
    }

    void End()
    {
        if (slots.Find(slot => slot.Process is not null) is { } slot)
        {
            if (slot.Process!.IsAlive || slot.Process.IsEnding)
                Do(SystemCall.ProcessKill, slot.Handle!.Handle, 1 + 1);
            Collect(slot);
        }
        else if (world.Keeper.Handles.Count != 0)
        {
            Do(SystemCall.Close, world.Keeper.Handles[^1].Handle);
        }
    }
}
