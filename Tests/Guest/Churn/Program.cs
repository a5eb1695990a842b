// Starts and ends file servers by the hundred, and checks that the kernel has all back afterwards.
//
// `churn COUNT`: half of the servers are killed under their mount, half end by umount.

using System.Globalization;
using Shared.Sdk;
using Tests.Guest.Churn;

return TaskMain.Run(static task => new ServerChurn(task).Run(
    int.Parse(task.Arguments[0], CultureInfo.InvariantCulture)));
