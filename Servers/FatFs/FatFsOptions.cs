// What a mount was asked to be: the options of `mount -o`, as the supervisor passes them on.
//
// Rules: the supervisor refuses what nobody knows; here only what concerns this server is read.

using System;

namespace Servers.FatFs;

internal enum Access { ReadWrite, ReadOnly }

internal sealed record FatFsOptions(Access Access)
{
    public static readonly FatFsOptions Default = new(Access.ReadWrite);

    /// <summary>Reads "ro".</summary>
    public static FatFsOptions Parse(string text)
    {
        bool isReadOnly = Array.IndexOf(text.Split(','), "ro") >= 0;
        return isReadOnly ? new FatFsOptions(Access.ReadOnly) : Default;
    }
}
