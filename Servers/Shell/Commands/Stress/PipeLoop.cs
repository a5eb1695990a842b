// A pipe whose both ends one worker has: what it writes it must read.
//
// Rules: less is written at once than a pipe holds, so nothing waits for itself.

using System;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class PipeLoop(IServices services, Random random, Losses losses) : IDisposable
{
    private const int MaxBytes = 2048;

    private PipeEnds _ends;
    private bool _isOpen;

    public void Step()
    {
        if (!_isOpen && !Open()) return;
        byte[] sent = new byte[1 + random.Next(MaxBytes)];
        random.NextBytes(sent);
        Status written = services.Stream(_ends.Writer.Handle).Write(sent);
        if (!losses.Require(written, "write to a pipe")) return;
        byte[] found = new byte[sent.Length];
        int length = 0;
        while (length < found.Length)
        {
            Result<uint> read = services.Stream(_ends.Reader.Handle).Read(found.AsSpan(length));
            if (!losses.Require(read.Status, "read from a pipe")) return;
            length += (int)read.Value;
        }
        losses.Require(found.AsSpan().SequenceEqual(sent), "a pipe has other bytes");
        if (random.Next(16) == 0) Dispose();
    }

    public void Dispose()
    {
        if (!_isOpen) return;
        _isOpen = false;
        services.Close(_ends.Writer.Handle);
        services.Close(_ends.Reader.Handle);
    }

    private bool Open()
    {
        Result<PipeEnds> made = services.Pipes.Create();
        if (!losses.Require(made.Status, "make a pipe")) return false;
        _ends = made.Value;
        _isOpen = true;
        return true;
    }
}
