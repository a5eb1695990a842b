// Fails a tidy test with its offenders, one a line, so that one run shows what is to be done.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Tests.Tidy;

public static class Offenders
{
    private const int MaxShown = 60;

    public static void None(IEnumerable<string> offenders, string advice = "")
    {
        string[] all = [.. offenders];
        if (all.Length == 0) return;
        string shown = string.Join('\n', all.Take(MaxShown));
        string rest = all.Length > MaxShown ? $"\nand {all.Length - MaxShown} more" : "";
        Assert.Fail($"{all.Length} offender(s) {advice}\n{shown}{rest}");
    }
}
