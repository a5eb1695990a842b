// Why a volume cannot be served, and why an operation on one cannot go on.

using System;

namespace Servers.IsoFs.Volumes;

/// <summary>Not a volume that this server can serve; one line says why.</summary>
internal sealed class VolumeRefusedException(string reason) : Exception(reason);

/// <summary>The volume is not what it must be; one line says where.</summary>
internal sealed class VolumeDamagedException(string reason) : Exception(reason);
