// Vaults for tests of MemFs, by how much they hold.

using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs;

internal static class TestVault
{
    public static MemFsOptions Options(int chunks) => MemFsOptions.Default with
    {
        QuotaBytes = (ulong)chunks * ChunkStore.ChunkBytes,
    };

    public static HeapVaultMemory Memory(int chunks) =>
        new(VaultLayout.For(Options(chunks).QuotaBytes).EndBytes);

    public static MemVault Make(int chunks) => new(Memory(chunks), Options(chunks));

    /// <summary>A file in a tree, so that it has a record.</summary>
    public static Node File(MemVault vault, out MemTree tree)
    {
        tree = new MemTree(vault, () => 1);
        tree.MakeFile(tree.Root, "f", out Node node);
        return node;
    }

    /// <summary>The entry after a cookie, in the order of adding; null at the end.</summary>
    public static Node? Next(this MemTree tree, Node directory, ulong cookie)
    {
        SlotLink link = tree.After(directory, cookie);
        return link.IsNone ? null : directory.Table.Open(link);
    }

    /// <summary>As the server loop does after each request.</summary>
    public static void Commit(MemVault vault, MemTree tree)
    {
        vault.Commit();
        tree.FinishShrinking();
    }
}
