// The name space: from an absolute path to the mount that it lies on, and no further.

using System;
using Shared.Abi;

namespace Shared.Contracts;

[Contract(id: 3, version: 1)]
public interface IVfs
{
    /// <summary>
    /// The path is absolute and canonical ('/', or '/a/b' without '.', '..', '//' or a last '/').
    /// Answers a copy of the root directory of the mount with the longest matching prefix, and
    /// where in the path the rest begins, counted in the string's chars (its length when nothing is
    /// left). Through a capability without the right Write, the copy has none either.
    /// </summary>
    [Op(1), Idempotent] Result<Resolved> Resolve(string path);

    /// <summary>Number of the mount table's state; changes with each mount and umount.</summary>
    [Op(2), Idempotent] Result<ulong> Version();

    /// <summary>
    /// All targets, each a path in UTF-8 and a zero byte: who has them needs no Resolve for each
    /// path while the version stays. TooLarge when they do not fit. The page, to be read alone,
    /// tells the version from now on (Shared/Sdk/Files/MountWords.cs); there may be none.
    /// </summary>
    [Op(3), Idempotent] Result<ListedTargets> List(Span<byte> targets);
}

public record struct Resolved(Capability Root, uint RestOffset, uint MountId);

public record struct ListedTargets(ulong Version, uint LengthBytes, Capability Page);
