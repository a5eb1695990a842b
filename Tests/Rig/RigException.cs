// The one way in which a verb fails for a reason that a person can act on.
//
// Rules: the message is one clear line; details were printed before it was thrown.

using System;

namespace Tests.Rig;

public sealed class RigException(string message) : Exception(message);
