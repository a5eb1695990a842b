// Random operations on one file, compared with bytes in memory. A failure names the seed.

using System;
using System.Collections.Generic;
using System.IO;

namespace Servers.Programs.FsTest.Cases;

internal static class ModelCases
{
    private const int Operations = 300, MaxBytes = 40_000, MaxStep = 3_000;

    public static IEnumerable<Case> All() =>
    [
        new("model-1", folder => Play(folder, 1)), new("model-2", folder => Play(folder, 2)),
    ];

    private static void Play(string folder, int seed)
    {
        Random random = new(seed);
        string path = Path.Combine(folder, "file");
        byte[] model = [];
        for (int i = 0; i < Operations; i++)
        {
            using FileStream stream = new(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None,
                random.Next(2) * 512);
            Check.Equal(stream.Length, model.Length, $"length after {i} operations, seed {seed}");
            int offset = random.Next(Math.Min(MaxBytes, model.Length + 100));
            byte[] bytes = new byte[random.Next(MaxStep)];
            random.NextBytes(bytes);
            switch (random.Next(3))
            {
                case 0:
                    stream.Position = offset;
                    stream.Write(bytes);
                    if (bytes.Length == 0) break;
                    Array.Resize(ref model, Math.Max(model.Length, offset + bytes.Length));
                    bytes.CopyTo(model, offset);
                    break;
                case 1:
                    stream.SetLength(offset);
                    Array.Resize(ref model, offset);
                    break;
                default:
                    stream.Position = offset;
                    int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                    int there = Math.Clamp(model.Length - offset, 0, bytes.Length);
                    Check.Equal(read, there, $"bytes read, seed {seed}");
                    Check.Same(
                        bytes.AsSpan(0, read), there == 0 ? [] : model.AsSpan(offset, there));
                    break;
            }
        }
        Check.Same(File.ReadAllBytes(path), model);
    }
}
