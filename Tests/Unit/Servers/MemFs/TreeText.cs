// A whole tree as text: names, lengths, times and a sum of the bytes, in the order of listing. Not
// the numbers of files: each incarnation starts anew with them.

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
        Append(text, tree, tree.Root, "/");
        return text.ToString();
    }

    private static void Append(StringBuilder text, MemTree tree, Node directory, string path)
    {
        for (ulong cookie = 0; tree.Next(directory, cookie) is { } node; cookie = node.Cookie)
        {
            text.Append(path).Append(node.Name).Append($" {node.ModifiedNs}");
            if (!node.IsDirectory) AppendBytes(text, tree.Bytes, node);
            text.Append('\n');
            if (node.IsDirectory) Append(text, tree, node, $"{path}{node.Name}/");
        }
    }

    private static void AppendBytes(StringBuilder text, FileBytes files, Node file)
    {
        byte[] bytes = new byte[file.LengthBytes];
        files.Read(file, 0, bytes);
        uint sum = 0;
        foreach (byte one in bytes) sum = sum * 31 + one;
        text.Append($" {file.LengthBytes} {sum:x}");
    }
}
