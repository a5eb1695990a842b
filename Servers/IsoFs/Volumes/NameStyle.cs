// Which of a volume's names are shown.

namespace Servers.IsoFs.Volumes;

internal enum NameStyle
{
    /// <summary>ISO 9660's own, in lower case and without version, as Linux shows them.</summary>
    Plain,
    /// <summary>Unicode of Microsoft's second tree.</summary>
    Joliet,
    /// <summary>POSIX names of the first tree (RRIP).</summary>
    RockRidge,
}
