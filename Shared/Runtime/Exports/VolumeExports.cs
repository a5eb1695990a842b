// Mounts, as System.IO.DriveInfo sees them.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Contracts;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Abi;

namespace Shared.Runtime.Exports;

// Safety: see Current; the callback gets text that lives until it returns.
internal static unsafe class VolumeExports
{
    private const string MountList = "/proc/mounts";
    private const int MaxListBytes = 64 * 1024, TargetWord = 2, TypeWord = 4, LeastWords = 5;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetAllMountPoints")]
    private static int ListMounts(
        delegate* unmanaged<void*, byte*, void> found, void* context)
    {
        List<(string Target, string Type)> mounts = [];
        int answer = (int)Current.Run(mounts, static mounts => ReadMounts(mounts));
        if (answer < 0) return answer;
        foreach ((string target, _) in mounts)
        {
            byte[] text = Encoding.UTF8.GetBytes(target + "\0");
            fixed (byte* pinned = text) found(context, pinned);
        }
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetSpaceInfoForMountPoint")]
    private static int Space(byte* name, MountPointInformation* information)
    {
        VolumeStat volume = default;
        int answer = Current.OnPath(name, path =>
        {
            Result<VolumeStat> described = Current.Names.DescribeVolume(path);
            volume = described.Value;
            return Answer.Of(described.Status);
        });
        ulong free = volume.TotalBytes - volume.UsedBytes;
        *information = new MountPointInformation
        {
            AvailableFreeSpace = free, TotalFreeSpace = free, TotalSize = volume.TotalBytes,
        };
        return answer;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetFileSystemTypeNameForMountPoint")]
    private static int TypeName(byte* name, byte* buffer, int bufferBytes, long* type)
    {
        *type = -1;
        return Current.OnPath(name, path =>
        {
            List<(string Target, string Type)> mounts = [];
            long answer = ReadMounts(mounts);
            if (answer < 0) return answer;
            string found = mounts.Find(mount => mount.Target == path).Type ?? "";
            return Math.Min(0, Current.CopyText(found, buffer, bufferBytes));
        });
    }

    /// <summary>
    /// Lines `SOURCE on TARGET type TYPE ...`; without /proc the root is all there is.
    /// </summary>
    private static long ReadMounts(List<(string Target, string Type)> mounts)
    {
        long answer = Current.Names.Open(MountList, OpenMode.Read, out Descriptor? file);
        if (file is null)
        {
            mounts.Add(("/", ""));
            return answer == Answer.Of(Errno.NoEntry) ? Answer.Ok : answer;
        }
        byte[] text = new byte[MaxListBytes];
        long length = file.ReadAt(0, text);
        file.Close();
        if (length < 0) return length;
        foreach (string line in Encoding.UTF8.GetString(text, 0, (int)length).Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= LeastWords) mounts.Add((words[TargetWord], words[TypeWord]));
        }
        return Answer.Ok;
    }
}
