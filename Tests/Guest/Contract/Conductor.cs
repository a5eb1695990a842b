// Sets each cell up, acts, and prints what came of it: answer, call, file, mount, and the times in
// milliseconds of the machine's clock.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Contract;

internal sealed class Conductor(
    TaskContext context, string party, string condition, string onDeath)
{
    public const string Image = "contract";
    private const string Server = "memfs@/mnt";
    /// <summary>A version that takes its time for a write (Tests/Guest/MemFs2).</summary>
    private const string SlowImage = "memfs8";
    private const ulong SettleMs = 50;

    public static readonly string[] Actions =
        ["Umount", "KillClient", "KillServer", "Restart", "Upgrade"];

    private static readonly string[] Clients = ["Idle", "InCall", "Zombie", "Stopped", "Dead"];
    private static readonly string[] CallEnds =
        ["None", "Answered", "PeerDied", "Revoked", "NotFound"];
    private static readonly string[] FileEnds = ["None", "Works", "Revoked"];

    private readonly IKernel _kernel = context.Kernel;
    private readonly FileApi _files = FileApi.Open(context);
    private readonly SupervisorClient _supervisor =
        new(context.Kernel, context.Claim("supervisor"));
    private readonly Capability _none = new(Handle.None);
    private readonly Trouble _trouble = new(
        context,
        party switch { "FileServer" => Server, "Vfs" => "vfs", _ => "supervisor" }, condition);
    private JobStarted _client, _bystander;
    private Signs? _signs;

    private bool IsHarmed => condition != "Alive";

    public int Run(string[] actions)
    {
        _trouble.Begin();
        foreach (string action in actions)
        foreach (string client in Clients)
        {
            string said;
            try
            {
                said = Play(client, action);
            }
            catch (InvalidOperationException exception)
            {
                said = $"broken: {exception.Message}";
            }
            Say($"{party}-{condition}-{client}-{action}-{onDeath}: {said}\n");
            CleanUp();
        }
        return 0;
    }

    private string Play(string client, string action)
    {
        MakeMount();
        // A call to a server that is well would have ended before anybody could act.
        bool isSlow = client == "InCall" && !IsHarmed;
        if (isSlow) Require(_supervisor.Upgrade(Server, SlowImage), "slow");
        MakeClient(client);
        if (IsHarmed) Harm(client);
        else if (isSlow) LetCall();
        ulong startNs = _kernel.ClockNow();
        Status answer = Act(action);
        ulong answerMs = MsSince(startNs);
        bool isLeft = action != "KillClient" && client is not ("Zombie" or "Dead");
        if (isLeft && client == "Stopped")
        {
            Require(_supervisor.Continue($"{_client.Process}"), "cont");
        }
        if (isLeft) _signs!.Give(Signs.MayTry);
        string mount = AwaitMount();
        ulong mountMs = MsSince(startNs);
        string call = "None", file = "None";
        ulong clientMs = action == "KillClient" ? answerMs : 0;
        // Whoever is killed in its call does not get to say how it has ended.
        byte called = client == "InCall" ? _signs!.Await() : (byte)0;
        if (isLeft)
        {
            ulong doneNs = _signs!.AwaitTime();
            (call, file) = AwaitClient();
            clientMs = (doneNs - startNs) / Pauses.NsPerMs;
        }
        else if (client == "InCall")
        {
            call = called == 0 ? "Dropped" : CallEnds[called];
        }
        return $"{answer} {answerMs} {call} {file} {clientMs} {mount} {mountMs}";
    }

    private void MakeMount()
    {
        string options = $"ondeath={onDeath.ToLowerInvariant()}";
        Require(_supervisor.Mount("none", "/mnt", "memfs", options), "mount");
        Require(_supervisor.WaitReady(Server), "ready");
        VfsClient vfs = new(_kernel, context.Claim("vfs"));
        ulong rest = 0;
        while (rest != (ulong)"/mnt".Length)
        {
            Result<Resolved> resolved = vfs.Resolve("/mnt");
            Require(resolved.Status, "resolve");
            _kernel.Close(resolved.Value.Root.Handle);
            rest = resolved.Value.RestOffset;
        }
        Require(_files.WriteAll(ClientRole.Path, "kept"u8), "write");
    }

    private void MakeClient(string client)
    {
        string mode = client.ToLowerInvariant();
        string arguments = $"client\n{mode}\n{party}";
        _signs = Signs.Make(_kernel, context.Claim("pipes"));
        (Handle reader, Handle writer) = _signs.Others;
        _client = Start(
            client == "Zombie" ? $"--unreaped\n{arguments}" : arguments, reader, writer);
        _kernel.Close(reader);
        _kernel.Close(writer);
        if (!_signs.Await(Signs.IsOpen)) throw new InvalidOperationException("the client");
        switch (client)
        {
            case "Zombie":
                Require(_supervisor.WaitJob(_client.Job).Status, "zombie");
                RequireJob("zombie");
                break;
            case "Stopped":
                Require(_supervisor.Stop($"{_client.Process}"), "stop");
                RequireJob("stopped");
                break;
            case "Dead":
                Require(_supervisor.Kill($"{_client.Process}"), "kill");
                Require(_supervisor.ReapJob(_client.Job), "reap");
                break;
        }
    }

    private void LetCall()
    {
        _signs!.Give(Signs.MayCall);
        _kernel.Pause(SettleMs);
    }

    /// <summary>In the client's request, if it makes one.</summary>
    private void Harm(string client)
    {
        if (_trouble.Upgrade is { } arguments) _bystander = Start(arguments);
        _trouble.Make();
        if (client == "InCall") _signs!.Give(Signs.MayCall);
        else if (_trouble.NeedsRequest) _bystander = Start("bystander");
        _kernel.Pause(_trouble.IsShort ? 1 : SettleMs);
    }

    private Status Act(string action) => action switch
    {
        "Umount" => _supervisor.Unmount("/mnt").Status,
        "KillClient" => _supervisor.Kill($"{_client.Process}"),
        "KillServer" => _supervisor.Kill(Server),
        "Restart" => _supervisor.Restart(Server),
        _ => _supervisor.Upgrade(Server, "memfs2"),
    };

    /// <summary>By path. A call that waits for the server is part of it.</summary>
    private string AwaitMount()
    {
        while (true)
        {
            Result<byte[]> bytes = _files.ReadAll(ClientRole.Path, 64);
            if (bytes.Status == Status.NotFound) return "Gone";
            if (bytes.IsOk && Encoding.UTF8.GetString(bytes.Value) is "kept" or "told")
                return "Serves";
            if (bytes.Status is not (Status.PeerDied or Status.Revoked))
                throw new InvalidOperationException($"read: {bytes.Status}");
            _kernel.Pause();
        }
    }

    private (string Call, string File) AwaitClient()
    {
        Result<JobEnded> ended = _supervisor.WaitJob(_client.Job);
        Require(ended.Status, "client");
        int code = ended.Value.ExitCode;
        if (ended.Value.Cause != DeathCause.Exit || code >= ClientRole.Broken)
            throw new InvalidOperationException($"the client: {ended.Value.Cause} {code}");
        return (CallEnds[code / 10], FileEnds[code % 10]);
    }

    private void RequireJob(string state)
    {
        byte[] text = new byte[4096];
        Result<TextPage> page = _supervisor.ListJobs(0, text);
        Require(page.Status, "jobs");
        string lines = Encoding.UTF8.GetString(text, 0, (int)page.Value.LengthBytes);
        if (!lines.Contains($"[{_client.Job}] {state} ", StringComparison.Ordinal))
            throw new InvalidOperationException($"no {state} client in {lines}");
    }

    private JobStarted Start(string arguments, Handle input = default, Handle output = default)
    {
        Result<JobStarted> started = _supervisor.Run(
            Image, arguments, "/", new Capability(input), new Capability(output), _none);
        Require(started.Status, arguments);
        return started.Value;
    }

    private void CleanUp()
    {
        foreach (JobStarted job in (JobStarted[])[_client, _bystander])
        {
            if (job.Job == 0) continue;
            _supervisor.Kill($"{job.Process}");
            _supervisor.ReapJob(job.Job);
        }
        _client = _bystander = default;
        _supervisor.Unmount("/mnt");
        _signs?.Close();
        _signs = null;
        _trouble.Rest();
    }

    private ulong MsSince(ulong startNs) => (_kernel.ClockNow() - startNs) / Pauses.NsPerMs;

    private static void Require(Status status, string what)
    {
        if (status != Status.Ok) throw new InvalidOperationException($"{what}: {status}");
    }

    private void Say(string text)
    {
        Handle output = context.Find("stdout");
        if (output.IsNone) output = context.Claim("console");
        new ByteStreamClient(_kernel, output).Write(Encoding.UTF8.GetBytes(text));
    }
}
