// Paths of tests are strings; a tree has them in UTF-8.

using System.Text;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;

namespace Tests.Unit.Servers.MemFs;

internal static class TreePaths
{
    public static Status Find(this MemTree tree, Node from, string path, out Node node) =>
        tree.Find(from, Bytes(path), out node);

    public static Status Find(
        this MemTree tree, Node from, string path, out Node node, out bool isLast) =>
        tree.Find(from, Bytes(path), out node, out isLast);

    public static Status MakeFile(this MemTree tree, Node from, string path, out Node node) =>
        tree.MakeFile(from, Bytes(path), out node);

    public static Status MakeDirectory(this MemTree tree, Node from, string path) =>
        tree.MakeDirectory(from, Bytes(path));

    public static Status RemoveFile(this MemTree tree, Node from, string path) =>
        tree.RemoveFile(from, Bytes(path));

    public static Status RemoveDirectory(this MemTree tree, Node from, string path) =>
        tree.RemoveDirectory(from, Bytes(path));

    public static Status Rename(this MemTree tree, Node from, string source, string target) =>
        tree.Rename(from, Bytes(source), Bytes(target));

    private static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path);
}
