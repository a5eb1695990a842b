// Measures a null call between two tasks. Boot it in the supervisor's place: `first=ping`.
//
// The first process serves, since a call must go to a lower layer; its child calls, and powers off.

using Shared.Sdk;
using Tests.Guest.Ping;

return TaskMain.Run(static task =>
    task.Find("peer").IsNone ? new Server(task).Run() : new Caller(task).Run());
