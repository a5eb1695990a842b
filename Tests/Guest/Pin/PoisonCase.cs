// A client whose reads kill their server: `run pin poison DIRECTORY`, where a faulty is mounted.
//
// Answers 0 when it was treated as it deserves: three times Poisoned, then its file is Revoked, and
// what it has beside that file still works.

using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Pin;

internal sealed class PoisonCase(TaskContext task, string directory)
{
    private const int Poisonings = 3;

    private readonly IKernel _kernel = task.Kernel;

    public int Run()
    {
        Handle poison = Open("null");
        Handle fine = Open("fine");
        if (poison.IsNone || fine.IsNone) return 2;
        bool isRight = true;
        for (int read = 1; read <= Poisonings; read++) isRight &= Read(poison, Status.Poisoned);
        isRight &= Read(poison, Status.Revoked);
        isRight &= Read(fine, Status.Ok);
        Handle again = Open("fine");
        return isRight && !again.IsNone ? 0 : 1;
    }

    private Handle Open(string name)
    {
        VfsClient vfs = new(_kernel, task.Claim("vfs"));
        Result<Resolved> resolved = vfs.Resolve(directory);
        if (!resolved.IsOk) return Refuse($"{directory}: {resolved.Status}");
        string rest = directory[(int)resolved.Value.RestOffset..].Trim('/');
        string path = rest.Length == 0 ? name : $"{rest}/{name}";
        Handle root = resolved.Value.Root.Handle;
        Result<OpenedFile> file = new FileSystemClient(_kernel, root).Open(path, OpenMode.Read);
        _kernel.Close(root);
        return file.IsOk ? file.Value.File.Handle : Refuse($"{name}: {file.Status}");
    }

    private bool Read(Handle file, Status expected)
    {
        Result<uint> read = new FileSystemClient(_kernel, file).Read(0, new byte[64]);
        Say($"  read: {read.Status}\n");
        return read.Status == expected;
    }

    private Handle Refuse(string reason)
    {
        Say($"{reason}\n");
        return Handle.None;
    }

    private void Say(string text)
    {
        Handle output = task.Find("stdout");
        if (output.IsNone) output = task.Find("console");
        if (output.IsNone) return;
        new ByteStreamClient(_kernel, output).Write(Encoding.UTF8.GetBytes(text));
    }
}
