// Numbers of the kernel's own calls. Below First lie the Linux numbers of the .NET runtime.
//
// Registers: number in rax; arguments 0..10 in rdi rsi rdx r10 r8 r9 rbx r12 r13 r14 r15.
// On return rax is a CallResult, and each call says which arguments it has replaced.
// Numbers are frozen by a test: append only.

namespace Shared.Abi;

/// <summary>A call into the kernel. Arguments and results are in <c>docs/syscalls.md</c>.</summary>
public enum SystemCall : uint
{
    First = 0x1000,

    // Ipc
    Call = 0x1000,
    Receive = 0x1001,
    Reply = 0x1002,
    ReplyReceive = 0x1003,
    Park = 0x1004,
    LeaseRead = 0x1005,
    LeaseWrite = 0x1006,
    CancelCall = 0x1007,
    AcknowledgeClosed = 0x1008,
    ListBadges = 0x1009,

    // Capabilities
    Close = 0x1010,
    Copy = 0x1011,
    Mint = 0x1012,
    Revoke = 0x1013,
    MoveToVault = 0x1014,
    DescribeHandle = 0x1015,
    CloseLate = 0x1016,
    KeepOpen = 0x1017,

    // Objects
    EndpointCreate = 0x1020,
    NotificationCreate = 0x1021,
    NotificationSignal = 0x1022,
    NotificationBind = 0x1023,
    ThreadSelf = 0x1024,

    // Memory and vaults
    MemoryCreate = 0x1030,
    MemoryMap = 0x1031,
    MemoryUnmap = 0x1032,
    VaultCreate = 0x1033,
    VaultDiscard = 0x1034,
    VaultEndProbe = 0x1035,

    // Processes
    ProcessCreate = 0x1040,
    ProcessGive = 0x1041,
    ProcessStart = 0x1042,
    ProcessKill = 0x1043,
    ProcessStop = 0x1044,
    ProcessContinue = 0x1045,
    ProcessCollect = 0x1046,
    ProcessOpen = 0x1047,
    LastWords = 0x1048,
    ImageOpen = 0x1049,
    ThreadExit = 0x104A,
    BlameNobody = 0x104B,
    ProcessAttachVault = 0x104C,
    ProcessRename = 0x104D,
    Snapshot = 0x104E,
    SupervisorReplace = 0x104F,

    // Devices
    IoPortsCreate = 0x1050,
    PortRead = 0x1051,
    PortWrite = 0x1052,
    InterruptCreate = 0x1053,
    InterruptBind = 0x1054,
    InterruptAcknowledge = 0x1055,
    DeviceMemoryCreate = 0x1056,
    DmaCreate = 0x1057,
    DmaAddress = 0x1058,

    // Clock, log, machine
    ClockNow = 0x1060,
    LogWrite = 0x1061,
    LogRead = 0x1062,
    PowerOff = 0x1063,
    Reboot = 0x1064,
    Inspect = 0x1065,
    DeathCount = 0x1066,
    Audit = 0x1067,
    Trace = 0x1068,
    Stretches = 0x1069,
}
