// The parts of the supervisor, put together once. Nothing here is static, so that tests can have
// as many supervisors as they like.

using Servers.Supervisor.Devices;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;

namespace Servers.Supervisor;

public sealed class Parts
{
    public Parts(Origin origin)
    {
        Vault = new SupervisorVault(origin.Memory);
        Authority = new Authority(origin, Vault);
        Lists = new KernelLists(origin.Kernel, origin.Machine);
        Templates = new TemplateKeeper(Authority, Lists, origin.MaxTemplates);
        Launcher = new Launcher(Authority, Templates);
        Deaths = new DeathCounter(origin.Kernel);
        Grants grants = new(Authority, TaskTable);
        Reports = new CrashReports(new Symbols(origin.Kernel, origin.Machine), Vault);
        Candidates = new CandidateKeeper(Authority, Launcher);
        Spares = new SpareKeeper(Authority, Candidates);
        Tasks = new TaskKeeper(
            Authority, TaskTable, grants, Launcher, Candidates, Spares, Reports, Vault, Deaths);
        Upgrades = new UpgradeKeeper(
            Authority, TaskTable, Tasks, Launcher, Candidates, Reports, Vault);
        Histories = new TaskHistories(Reports, Lists);
        Self = new SelfKeeper(
            Authority, TaskTable, Lists, Launcher, Reports, Vault, origin.Vault);
        Devices = new DeviceKeeper(Authority, TaskTable, JobTable, Tasks, Vault);
        Retirements = new RetirementKeeper(Authority, Lists, TaskTable, Tasks, Upgrades, Vault);
        Mounts = new MountKeeper(
            Authority, MountTable, TaskTable, Tasks, Devices, Retirements, Vault);
        Shelf = new DirectoryShelf(origin.Kernel);
        Jobs = new JobKeeper(
            Authority, Lists, JobTable, Shelf, grants, Launcher, Reports, Vault);
        Tasks.Lost = Mounts.Lost;
        Tasks.Probed = Upgrades.Commit;
    }

    public SupervisorVault Vault { get; }
    public Authority Authority { get; }
    public KernelLists Lists { get; }
    public DeathCounter Deaths { get; }
    public TemplateKeeper Templates { get; }
    public Launcher Launcher { get; }
    public CandidateKeeper Candidates { get; }
    public SpareKeeper Spares { get; }
    public UpgradeKeeper Upgrades { get; }
    public RetirementKeeper Retirements { get; }
    public TaskTable TaskTable { get; } = new();
    public MountTable MountTable { get; } = new();
    public JobTable JobTable { get; } = new();
    public CrashReports Reports { get; }
    public TaskHistories Histories { get; }
    public TaskKeeper Tasks { get; }
    public SelfKeeper Self { get; }
    public DeviceKeeper Devices { get; }
    public MountKeeper Mounts { get; }
    public DirectoryShelf Shelf { get; }
    public JobKeeper Jobs { get; }

    /// <summary>Looks who has died, if anybody has since the last look.</summary>
    public void Sweep()
    {
        ulong count = Deaths.TakeNew();
        // Most deaths are the ends of jobs.
        if (count == 0 || count == 1 && Jobs.SweepLast()) return;
        Tasks.Sweep();
        Upgrades.Sweep();
        Spares.Sweep();
        Templates.Sweep();
        Jobs.Sweep();
    }
}
