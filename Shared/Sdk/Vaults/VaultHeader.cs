// The first words of a vault: who wrote it, in which format, and with which sizes.
//
// Word 0 is the magic, word 1 a checksum of the parameters that follow it.
// Rules: a vault whose magic word was never written is made anew, also when somebody died while
// he made it. One that cannot be read never is: its bytes are somebody's.

using System;
using System.Buffers.Binary;
using System.Text;

namespace Shared.Sdk.Vaults;

public sealed class VaultHeader
{
    private const ulong ChecksumAt = 8;
    private const ulong ParametersAt = 16;

    private readonly IVaultMemory _memory;
    private readonly ulong _magic;
    private readonly ulong _older;
    private readonly ulong[] _parameters;

    /// <param name="name">Eight ASCII characters; the last one is the format.</param>
    /// <param name="parameters">Words that say how large everything is.</param>
    /// <param name="older">Name of the format that this program brings up to its own.</param>
    public VaultHeader(
        IVaultMemory memory, string name, int parameters, string? older = null)
    {
        _memory = memory;
        _magic = MagicOf(name);
        _older = older is null ? 0 : MagicOf(older);
        _parameters = new ulong[parameters];
        ulong magic = memory.Load(0);
        IsNew = magic == 0;
        if (!IsNew) Read(magic);
    }

    /// <summary>In the older format until Publish.</summary>
    public bool IsOlder { get; private set; }

    /// <summary>Nothing is in the vault yet, and it will be made anew until Publish.</summary>
    public bool IsNew { get; private set; }

    public ReadOnlySpan<ulong> Parameters => _parameters;

    /// <summary>Sets the parameters of a new vault.</summary>
    public void Write(params ReadOnlySpan<ulong> parameters)
    {
        if (!IsNew) throw new InvalidOperationException("the vault has a header");
        parameters.CopyTo(_parameters);
        for (int i = 0; i < _parameters.Length; i++) _memory.Store(ParameterAt(i), _parameters[i]);
        _memory.Store(ChecksumAt, Checksum.Of(_parameters));
    }

    /// <summary>The new vault is complete: from now on it is opened, not made.</summary>
    public void Publish()
    {
        _memory.Store(0, _magic);
        IsNew = IsOlder = false;
    }

    private void Read(ulong magic)
    {
        IsOlder = _older != 0 && magic == _older;
        if (magic != _magic && !IsOlder)
        {
            throw new VaultDamagedException($"vault of format {NameOf(magic)}, which is unknown");
        }
        for (int i = 0; i < _parameters.Length; i++) _parameters[i] = _memory.Load(ParameterAt(i));
        bool isWhole = _memory.Load(ChecksumAt) == Checksum.Of(_parameters);
        if (!isWhole) throw new VaultDamagedException("vault header is damaged");
    }

    private static ulong MagicOf(string name) => name.Length == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64LittleEndian(Encoding.ASCII.GetBytes(name))
        : throw new ArgumentException("not a vault's name");

    private static string NameOf(ulong magic)
    {
        byte[] name = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(name, magic);
        return Ascii.IsValid(name) ? Encoding.ASCII.GetString(name) : $"{magic:x}";
    }

    private static ulong ParameterAt(int index) => ParametersAt + sizeof(ulong) * (ulong)index;
}
