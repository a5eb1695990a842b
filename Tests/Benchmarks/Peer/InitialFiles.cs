// The files that Linux has when it starts: an archive in the format "newc" of cpio, as the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst describes it.
//
// Rules: no times and no owners, so that the same files are the same bytes. Not compressed: that
// would only make the guest's boot longer.

using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Tests.Benchmarks.Peer;

internal sealed class InitialFiles(Stream output)
{
    private const int FolderMode = 0x41ED, ProgramMode = 0x81ED;
    private const string Trailer = "TRAILER!!!";
    private int _number;

    public void AddFolder(string name) => Add(name, FolderMode, []);

    public void AddProgram(string name, ReadOnlySpan<byte> bytes) => Add(name, ProgramMode, bytes);

    public void Finish() => Add(Trailer, 0, []);

    /// <summary>Thirteen numbers of eight hexadecimal digits; name and bytes at fours.</summary>
    private void Add(string name, int mode, ReadOnlySpan<byte> bytes)
    {
        byte[] nameBytes = Encoding.ASCII.GetBytes(name + "\0");
        int links = mode == FolderMode ? 2 : 1;
        StringBuilder head = new("070701");
        foreach (int number in (ReadOnlySpan<int>)[
            ++_number, mode, 0, 0, links, 0, bytes.Length, 0, 0, 0, 0, nameBytes.Length, 0])
        {
            head.Append(number.ToString("X8", CultureInfo.InvariantCulture));
        }
        output.Write(Encoding.ASCII.GetBytes(head.ToString()));
        output.Write(nameBytes);
        Pad(head.Length + nameBytes.Length);
        output.Write(bytes);
        Pad(bytes.Length);
    }

    private void Pad(int length) => output.Write(new byte[-length & 3]);
}
