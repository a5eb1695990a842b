// What a client sends with each of its calls, beside the operation.

using Shared.Abi;

namespace Shared.Sdk;

/// <summary>
/// DeadlineNs is absolute, in ClockNow's time; 0 leaves it to the endpoint, or to the call that is
/// served. Serving is the Reply handle of the request on whose behalf the call is made (see
/// Request.Serve): identity, deadline and priority of that request go along.
/// </summary>
public readonly record struct CallOptions(ulong DeadlineNs, Handle Serving);
