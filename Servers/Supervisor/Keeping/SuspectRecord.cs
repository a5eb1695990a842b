// What a process is accused of as bytes of the vault, and back. Rules as for TaskRecord.

using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

internal static class SuspectRecord
{
    /// <summary>Seven numbers.</summary>
    public const int MaxBytes = 7 * sizeof(ulong);

    public static void Write(ref RecordWriter writer, Suspect suspect)
    {
        writer.Number((ulong)suspect.Accusation.Charge);
        writer.Number(suspect.Accusation.RequestId);
        writer.Number(suspect.Accusation.Calls);
        writer.Number(suspect.BlamedNs);
        writer.Number(suspect.SeenNs);
        writer.Number(suspect.CpuNs);
        writer.Number(suspect.Receives);
    }

    public static Suspect Read(ProcessId process, ref RecordReader reader) => new(process)
    {
        Accusation = new Accusation(
            (Charge)reader.Number(), reader.Number(), (uint)reader.Number()),
        BlamedNs = reader.Number(),
        SeenNs = reader.Number(),
        CpuNs = reader.Number(),
        Receives = (uint)reader.Number(),
    };
}
