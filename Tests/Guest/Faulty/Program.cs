// A file server that really goes wrong: `mount -t faulty none /mnt; cat /mnt/null`.
//
// For tests and demonstrations of what others are spared. Reading a file commits the fault in its
// name, in that request and without telling the kernel that it is meant so.

using Shared.Abi;
using Shared.Sdk;
using Tests.Guest.Faulty;

return TaskMain.Serve(static (task, _) => new FaultyServer(task));
