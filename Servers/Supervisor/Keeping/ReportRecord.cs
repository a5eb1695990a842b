// A crash report as bytes of the vault, and back. Rules as for TaskRecord.

using System;
using System.Runtime.InteropServices;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

internal static class ReportRecord
{
    public static void Write(ref RecordWriter writer, CrashReport report)
    {
        writer.Number(report.Number);
        writer.Text(report.Name);
        writer.Text(report.Image);
        DeathRecord record = report.Record;
        writer.Run(MemoryMarshal.AsBytes(new ReadOnlySpan<DeathRecord>(in record)));
        writer.Text(report.LastWords);
        writer.Number(report.RecoveryNs);
    }

    public static CrashReport Read(ref RecordReader reader) => new()
    {
        Number = reader.Number(),
        Name = reader.Text(),
        Image = reader.Text(),
        Record = MemoryMarshal.Read<DeathRecord>(reader.Run()),
        LastWords = reader.Text(),
        RecoveryNs = reader.Number(),
    };
}
