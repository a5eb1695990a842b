// A whole tree as text: names, lengths, times and a sum of the bytes, in the order of listing.

using System.Text;
using Servers.MemFs.Vaults;
using Servers.MemFs;

namespace Tests.Unit.Servers.MemFs;

internal static class TreeText
{
    public static string Of(MemVault vault)
    {
        StringBuilder text = new();
        MemTree tree = new(vault, () => 1);
        Append(text, tree.Root, "/");
        return text.ToString();
    }

    private static void Append(StringBuilder text, MemDirectory directory, string path)
    {
        for (ulong cookie = 0; directory.Next(cookie) is { } node; cookie = node.Cookie)
        {
            text.Append(path).Append(node.Name).Append($" {node.Number} {node.ModifiedNs}");
            if (node is MemFile file) AppendBytes(text, file);
            text.Append('\n');
            if (node is MemDirectory below) Append(text, below, $"{path}{node.Name}/");
        }
    }

    private static void AppendBytes(StringBuilder text, MemFile file)
    {
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        uint sum = 0;
        foreach (byte one in bytes) sum = sum * 31 + one;
        text.Append($" {file.LengthBytes} {sum:x}");
    }
}
