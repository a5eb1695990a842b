// The kernel log by lines.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Tasks;

public sealed class LogClient(IKernel kernel, Handle log)
{
    /// <summary>Most bytes of one line; the kernel puts time and task name before it.</summary>
    public const int MaxLineBytes = 1024;

    /// <summary>Writes one line, cut to its limit between characters.</summary>
    public Status Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        return kernel.LogWrite(log, bytes.AsSpan(0, TextCut.Utf8(bytes, MaxLineBytes)));
    }

    /// <summary>Text from a cursor on (0 first); no bytes at the end.</summary>
    public Result<LogPage> Read(ulong cursor, Span<byte> target) =>
        kernel.LogRead(log, cursor, target);
}
