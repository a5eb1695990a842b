// The services of a shell in the guest: generated clients over the capabilities that it was given.
//
// Rules: for the main thread only; the interrupt thread has clients of its own.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Shell.Services;

public sealed class GuestServices : IServices
{
    private readonly OutcomeKernel _kernel;
    private readonly Handle _machine;
    private readonly Handle _log;
    private readonly Handle _consoleEndpoint;
    private Handle _session;
    private bool _canWait;

    public GuestServices(TaskContext context)
    {
        _kernel = new OutcomeKernel(context.Kernel);
        _machine = context.Claim("machine");
        _log = context.Claim("log");
        _consoleEndpoint = context.Claim("console");
        Vfs = new VfsClient(_kernel, context.Claim("vfs"));
        Supervisor = new SupervisorClient(_kernel, context.Claim("supervisor"));
        Pipes = new PipesClient(_kernel, context.Claim("pipes"));
        Console = new ConsoleClient(_kernel, _consoleEndpoint);
    }

    public IVfs Vfs { get; }
    public ISupervisor Supervisor { get; }
    public IPipes Pipes { get; }
    public IConsole Console { get; private set; }

    /// <summary>The capability of the session, which is a byte stream as well.</summary>
    public Handle ConsoleSession => _session;

    public Outcome LastOutcome => _kernel.LastOutcome;

    public ulong NowNs => _kernel.ClockNow();

    /// <summary>Opens a console session, in place of the one before.</summary>
    public Status OpenConsole()
    {
        Result<Capability> opened = new ConsoleClient(_kernel, _consoleEndpoint).OpenSession();
        if (!opened.IsOk) return opened.Status;
        if (!_session.IsNone) Close(_session);
        _session = opened.Value.Handle;
        Console = new ConsoleClient(_kernel, _session);
        return Status.Ok;
    }

    public IFileSystem FileSystem(Handle directoryOrFile)
        => new FileSystemClient(_kernel, directoryOrFile);

    public IByteStream Stream(Handle stream) => new ByteStreamClient(_kernel, stream);

    public IDiskDriver DiskDriver(Handle disks) => new DiskDriverClient(_kernel, disks);

    public Result<Handle> MakeProgram(int lengthBytes, MemoryFiller fill)
    {
        Result<Handle> made = _kernel.MemoryCreate((ulong)lengthBytes);
        if (!made.IsOk) return made;
        Result<MappedMemory> mapped = MappedMemory.Map(
            _kernel, made.Value, lengthBytes, Rights.Read | Rights.Write);
        Status status = mapped.Status;
        if (mapped.IsOk)
        {
            using MappedMemory memory = mapped.Value;
            status = fill(memory.Bytes);
        }
        if (status == Status.Ok) return made;
        Close(made.Value);
        return status;
    }

    public void Close(Handle handle) => _kernel.Close(handle);

    public Status Sleep(ulong nanoseconds)
    {
        if (!_canWait)
        {
            // A thread waits for its notification; nobody signals this one.
            Result<Handle> notification = _kernel.NotificationCreate();
            if (!notification.IsOk) return notification.Status;
            Status bound = _kernel.NotificationBind(notification.Value);
            if (bound != Status.Ok) return bound;
            _canWait = true;
        }
        Status status = _kernel.ReceiveNotification(NowNs + nanoseconds).Status;
        return status == Status.TimedOut ? Status.Ok : status;
    }

    public Result<InspectPage> Inspect(
        InspectKind kind, uint process, ulong cursor, Span<byte> rows)
        => _kernel.Inspect(_machine, kind, cursor, rows, new ProcessId(process));

    public Result<ulong> Audit(ulong cursor, ref AuditReport report)
        => _kernel.Audit(_machine, cursor, ref report);

    public Status SwitchTrace(TraceSwitch wanted) => _kernel.SwitchTrace(_machine, wanted);

    public Result<LogPage> ReadLog(ulong cursor, Span<byte> text)
        => _kernel.LogRead(_log, cursor, text);

    public Status PowerOff(int code) => _kernel.PowerOff(_machine, (byte)code);

    public Status Reboot() => _kernel.Reboot(_machine);

    /// <summary>Remembers how the newest message call ended.</summary>
    private sealed class OutcomeKernel(IKernel inner) : IKernel
    {
        public ulong ClockNow() => inner.ClockNow();

        public Outcome LastOutcome { get; private set; }

        public CallResult Invoke(ref Registers registers)
        {
            bool isCall = registers.Number == (ulong)SystemCall.Call;
            CallResult result = inner.Invoke(ref registers);
            if (isCall) LastOutcome = result.Status == Status.Ok ? Outcome.Replied : result.Outcome;
            return result;
        }
    }
}
