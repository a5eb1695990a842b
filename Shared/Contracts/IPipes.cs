// Makes pipes: two capabilities of IByteStream, one to read from and one to write to.

using Shared.Abi;

namespace Shared.Contracts;

[Contract(id: 6, version: 1)]
public interface IPipes
{
    [Op(32)] Result<PipeEnds> Create();
}

/// <summary>
/// EndOfStream when the last copy of Writer is gone, NoReader when that of Reader is.
/// </summary>
public record struct PipeEnds(Capability Reader, Capability Writer);
