// Where one ATA or ATAPI device hangs: an IDE channel with a drive number, or a port of an AHCI
// controller.
//
// Rules: Execute always ends; after an answer other than Ok the port is ready for the next command.

using System;
using Shared.Abi;

namespace Shared.Sdk.Disks.Ata;

public interface IAtaPort
{
    /// <summary>What requests move from or to.</summary>
    Span<byte> Buffer { get; }

    /// <summary>IoError: the device refused or failed. TimedOut: no answer; it was reset.</summary>
    Status Execute(in AtaRequest request);
}
