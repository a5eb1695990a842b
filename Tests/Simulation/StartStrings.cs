// Arguments and environment of a process, read from its first stack as its runtime would.

using CosmosKernel;
using CosmosKernel.Threads;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation;

static unsafe class StartStrings
{
    public static (List<string> Arguments, Dictionary<string, string> Environment) Read(
        Kernel kernel, Thread thread)
    {
        ulong pointer = thread.Frame->Rsp;
        int count = (int)ReadWord(kernel, thread, ref pointer);
        List<string> arguments = [];
        for (int number = 0; number < count; number++)
            arguments.Add(ReadString(kernel, thread, ReadWord(kernel, thread, ref pointer)));
        ReadWord(kernel, thread, ref pointer);
        Dictionary<string, string> environment = [];
        while (ReadWord(kernel, thread, ref pointer) is not 0 and ulong address)
        {
            string text = ReadString(kernel, thread, address);
            int split = text.IndexOf('=');
            if (split > 0) environment[text[..split]] = text[(split + 1)..];
        }

        return (arguments, environment);
    }

    static ulong ReadWord(Kernel kernel, Thread thread, ref ulong pointer)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (!kernel.UserMemory.TryRead(thread.Process, pointer, bytes))
            throw new InvalidOperationException($"no stack at {pointer:x}");
        pointer += 8;
        return BitConverter.ToUInt64(bytes);
    }

    static string ReadString(Kernel kernel, Thread thread, ulong address)
    {
        List<byte> text = [];
        Span<byte> one = stackalloc byte[1];
        while (kernel.UserMemory.TryRead(thread.Process, address++, one) && one[0] != 0)
            text.Add(one[0]);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
