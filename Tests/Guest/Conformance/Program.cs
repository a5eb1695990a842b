// The conformance suite of file systems on a mount of this machine, through the real kernel:
// `run conformance DIRECTORY SERVER any|fat [NAME]`, where SERVER is the mount's task (memfs@/mnt),
// `fat` says which names there can be, and NAME chooses cases by a part of their names.
//
// It says what has failed, and then how many have passed and failed, as fstest does.

using Shared.Sdk;
using Tests.Conformance.Writable;
using Tests.Guest.Conformance;

return TaskMain.Run(static context =>
{
    if (context.Arguments.Count is < 3 or > 4) return 2;
    GuestMount? mount = GuestMount.Open(context, context.Arguments[0], context.Arguments[1]);
    if (mount is null) return 3;
    NameSet names = context.Arguments[2] == "fat" ? NameSet.Fat : NameSet.Any;
    string part = context.Arguments.Count == 4 ? context.Arguments[3] : "";
    return new SuiteRun(context, new GuestConformance(mount, names)).Run(part);
});
