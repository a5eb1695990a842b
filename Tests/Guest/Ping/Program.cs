// Measures a null call between two tasks. Boot it in the supervisor's place: `first=ping`.
//
// The first process serves, since a call must go to a lower layer; its child calls, and powers off.
// The child's children sleep: what a call costs must not depend on how many tasks there are.

using Shared.Sdk;
using Tests.Guest.Ping;

return TaskMain.Run(static task => task.Arguments is [Crowd.Role] ? Crowd.Sleep()
    : task.Find("peer").IsNone ? new Server(task).Run() : new Caller(task).Run());
