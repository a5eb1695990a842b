// The three streams of a command or a line. Not owned: whoever made them disposes them.

using Servers.Shell.Streams;

namespace Servers.Shell.Running;

public sealed record StandardStreams(Input Input, Output Output, Output Error);
