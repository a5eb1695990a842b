// Numbers that both rings have compiled in. Appending is fine; a change of a value here is a change
// of the ABI, and breaks every image that was built before.

using System;
using System.Linq;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.Shared.Abi;

public sealed class FrozenNumbersTests
{
    [Test]
    public void Status_keeps_its_numbers() => Compare<Status>(
        """
        Ok=0 BadHandle=1 Revoked=2 NoRight=3 WrongType=4 BadArgument=5 NoMemory=10
        QuotaExceeded=11 NoSpace=12 TooLarge=13 TimedOut=20 Cancelled=21 PeerDied=22 Poisoned=23
        LayerViolation=24 WouldBlock=25 CallerGone=26 NoSuchOperation=27 Parked=28 NotFound=40
        AlreadyExists=41 NotDirectory=42 IsDirectory=43 NotEmpty=44 ReadOnly=45 CrossMount=46
        NameTooLong=47 InvalidName=48 IoError=49 NotSupported=50 Locked=51 IsMount=52 NotMounted=53
        EndOfStream=60 NoReader=61 BadImage=62 Interrupted=63 Exited=64 GivenUp=65 Refused=66
        """);

    [Test]
    public void SystemCall_keeps_its_numbers() => Compare<SystemCall>(
        """
        Call=4096 Receive=4097 Reply=4098 ReplyReceive=4099 Park=4100 LeaseRead=4101
        LeaseWrite=4102 CancelCall=4103 AcknowledgeClosed=4104 ListBadges=4105 Close=4112 Copy=4113
        Mint=4114 Revoke=4115 MoveToVault=4116 DescribeHandle=4117 CloseLate=4118
        KeepOpen=4119 EndpointCreate=4128
        NotificationCreate=4129 NotificationSignal=4130 NotificationBind=4131 ThreadSelf=4132
        MemoryCreate=4144 MemoryMap=4145 MemoryUnmap=4146 VaultCreate=4147 VaultDiscard=4148
        VaultEndProbe=4149
        ProcessCreate=4160 ProcessGive=4161 ProcessStart=4162 ProcessKill=4163 ProcessStop=4164
        ProcessContinue=4165 ProcessCollect=4166 ProcessOpen=4167 LastWords=4168 ImageOpen=4169
        ThreadExit=4170 BlameNobody=4171 ProcessAttachVault=4172 ProcessRename=4173
        Snapshot=4174 SupervisorReplace=4175
        IoPortsCreate=4176 PortRead=4177 PortWrite=4178 InterruptCreate=4179 InterruptBind=4180
        InterruptAcknowledge=4181 DeviceMemoryCreate=4182 ClockNow=4192 LogWrite=4193 LogRead=4194
        PowerOff=4195 Reboot=4196 Inspect=4197 DeathCount=4198 Audit=4199 Trace=4200
        Stretches=4201
        """);

    [Test]
    public void Rights_keep_their_bits() => Compare<Rights>(
        """
        None=0 Call=1 Receive=2 Mint=4 Pass=8 Revoke=16 Read=32 Write=64 Execute=128 Signal=256
        Wait=512 Kill=1024 Inspect=2048 Create=4096 PowerOff=8192 All=16383
        """);

    [Test]
    public void ObjectType_keeps_its_numbers() => Compare<ObjectType>(
        """
        None=0 Tombstone=1 Process=2 Thread=3 Endpoint=4 Reply=5 Notification=6 Memory=7 Vault=8
        IoPorts=9 Interrupt=10 DeviceMemory=11 Log=12 Machine=13
        """);

    [Test]
    public void DeathCause_keeps_its_numbers() => Compare<DeathCause>(
        """
        None=0 Exit=1 Killed=2 Hung=3 Replaced=4 NullReference=5 PageFault=6 DivideError=7
        InvalidInstruction=8 GeneralProtection=9 StackOverflow=10 Memory=11 MalformedCall=12
        Abort=13 UnhandledException=14
        """);

    [Test]
    public void ControlBits_keep_their_bits() => Compare<ControlBits>(
        """
        None=0 CrashNull=1 CrashDivide=2 CrashThrow=4 CrashStack=8 CrashLoop=16 CrashMemory=32
        CrashExit=64 Hang=128 Changed=256 Interrupt=512
        Retire=1024
        """);

    [Test]
    public void Small_enums_keep_their_numbers()
    {
        Compare<MessageFlags>(
            "None=0 MayBlock=1 Idempotent=2 Short=4 InlineText=8 Move=16 InlineLease=32 Mint=64 " +
            "All=127");
        Compare<LeaseRights>("None=0 Read=1 Write=2");
        Compare<FaultMoment>("AtOnce=0 BeforeCommit=1 AfterCommit=2 Early=3");
        Compare<Outcome>("Replied=0 NotExecuted=1 MaybeExecuted=2");
        Compare<ReceiveKind>("Call=0 Notification=1 Closed=2 ClosedAndCall=3");
        Compare<OnDeath>("Hold=0 Fail=1 Vanish=2");
        Compare<Priority>("Program=0 Server=1 Driver=2");
        Compare<WaitState>("Queued=0 Delivered=1 Parked=2");
        Compare<ProcessState>("Created=0 Running=1 Stopped=2 Zombie=3 MainExited=4");
        Compare<InspectKind>(
            "Processes=0 Capabilities=1 Waits=2 Counters=3 Images=4 CommandLine=5 "
            + "Endpoints=6 Vaults=7 Trace=8 Stretches=9");
        Compare<StretchKind>("Call=0 Fault=1 Interrupt=2 Idle=3 Other=4");
        Compare<StretchSwitch>("Off=0 On=1");
        Compare<TraceKind>(
            "None=0 Ran=1 Call=2 Deliver=3 Reply=4 End=5 Start=6 Death=7 Name=8");
        Compare<TraceSwitch>("Off=0 On=1");
        Compare<AuditKind>(
            "Handle=0 Owner=1 Call=2 Reply=3 Lease=4 Waiter=5 Notification=6 Endpoint=7 "
            + "Vault=8 Mapping=9 Frame=10 Record=11");
    }

    // Every frozen name has its number still; new names are allowed, behind the others.
    private static void Compare<T>(string frozen) where T : struct, Enum
    {
        string[] pairs = frozen.Split(
            [' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        foreach (string pair in pairs)
        {
            string[] parts = pair.Split('=');
            Assert.That(Enum.TryParse(parts[0], out T value), Is.True, $"{parts[0]} is gone");
            Assert.That(
                Convert.ToUInt64(value), Is.EqualTo(ulong.Parse(parts[1])), parts[0]);
        }
        // SystemCall.First is a bound, not a call.
        ulong[] values = Enum.GetNames<T>().Where(name => name != "First")
            .Select(name => Convert.ToUInt64(Enum.Parse<T>(name))).ToArray();
        Assert.That(values, Is.Unique);
    }
}
