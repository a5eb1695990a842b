// Where a directory lies on the disc.

using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

internal readonly record struct IsoDirectory(ulong FirstByte, ulong LengthBytes)
{
    /// <summary>A hundred thousand entries and more; who lists one waits for all of it.</summary>
    private const ulong MaxBytes = 16 * 1024 * 1024;

    public ulong EndByte => FirstByte + LengthBytes;

    public void RequireInside(DiscReader disc)
    {
        if (LengthBytes is 0 or > MaxBytes)
            throw new VolumeDamagedException(
                $"the directory at {FirstByte} has {LengthBytes} bytes");
        if (!disc.Has(FirstByte, LengthBytes))
            throw new VolumeDamagedException(
                $"the directory at {FirstByte} reaches beyond the end of the disc");
    }
}
