// A Ctrl-C that the shell hears of only once it pauses; remembers when lines began and ended.

using System.Collections.Generic;
using Servers.Shell.Running;
using Shared.Abi;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class LateInterrupt : IInterrupts
{
    public HostServices? Services { get; set; }
    public List<string> Calls { get; } = [];

    public int Count => Services?.SleptNs > 0 ? 1 : 0;

    public void Begin() => Calls.Add("begin");

    public void End() => Calls.Add("end");

    public void SetForeground(ProcessId process)
    {
    }
}
