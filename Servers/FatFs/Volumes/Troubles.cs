// Why an operation cannot go on that is not an answer by itself; the server turns each into one.
//
// Rules: thrown before anything is committed; whoever catches one aborts the transaction.

using System;

namespace Servers.FatFs.Volumes;

/// <summary>
/// The volume is not what it must be; one line says where. It becomes read-only.
/// </summary>
internal sealed class VolumeDamagedException(string reason) : Exception(reason);

/// <summary>
/// What is dirty must be on the disk before this can be done; then it is done from the start.
/// </summary>
internal sealed class WriteBackNeededException() : Exception("write-back first");
