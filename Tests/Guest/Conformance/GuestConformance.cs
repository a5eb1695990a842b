// The suite over one mount: each case finds it empty.

using Tests.Conformance.Writable;

namespace Tests.Guest.Conformance;

internal sealed class GuestConformance(GuestMount mount, NameSet names) : FileSystemConformance
{
    protected override NameSet Names => names;

    protected override MountedFileSystem Mount()
    {
        mount.Clear();
        return mount;
    }
}
