// The parts of the supervisor, put together once. Nothing here is static, so that tests can have
// as many supervisors as they like.

using Servers.Supervisor.Jobs;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Supervisor;

public sealed class Parts
{
    public Parts(IKernel kernel, Handle machine, Handle log, Handle endpoint)
    {
        Authority = new Authority(kernel, machine, log, endpoint);
        Launcher launcher = new(Authority);
        Grants grants = new(Authority, TaskTable);
        Reports = new CrashReports(new Symbols(kernel, machine, launcher));
        Tasks = new TaskKeeper(Authority, TaskTable, grants, launcher, Reports);
        Mounts = new MountKeeper(Authority, MountTable, TaskTable, Tasks);
        Jobs = new JobKeeper(Authority, JobTable, grants, launcher, Reports);
        Tasks.Lost = Mounts.Lost;
    }

    public Authority Authority { get; }
    public TaskTable TaskTable { get; } = new();
    public MountTable MountTable { get; } = new();
    public JobTable JobTable { get; } = new();
    public CrashReports Reports { get; }
    public TaskKeeper Tasks { get; }
    public MountKeeper Mounts { get; }
    public JobKeeper Jobs { get; }

    /// <summary>Looks who has died.</summary>
    public void Sweep()
    {
        Tasks.Sweep();
        Jobs.Sweep();
    }
}
