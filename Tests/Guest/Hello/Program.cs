// The smallest program: says hello on the kernel's log, to see that an image starts at all.

using System;

namespace Tests.Guest.Hello;

public static class Program
{
    public static int Main()
    {
        Console.WriteLine("hello from ring 3");
        return 0;
    }
}
