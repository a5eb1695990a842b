// Carries a person's keys to a machine whose serial line is not this terminal.
//
// Rules: Ctrl-C is the guest's. Ctrl-A X ends the machine, as it does in QEMU; Ctrl-A twice is one.

using System;
using System.IO;

namespace Tests.Rig.Machine;

public sealed class KeyPump(QemuMachine machine)
{
    private const char Prefix = '\u0001';

    public void Run()
    {
        Console.TreatControlCAsInput = true;
        bool wasPrefix = false;
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                bool isPrefix = key.KeyChar == Prefix;
                if (wasPrefix && key.Key == ConsoleKey.X) machine.Kill();
                else if (!isPrefix || wasPrefix) machine.Type(TextOf(key));
                wasPrefix = isPrefix && !wasPrefix;
            }
        }
        catch (Exception gone) when (gone is RigException or IOException or ObjectDisposedException)
        {
            // The machine has stopped, which the main thread reports.
        }
    }

    /// <summary>What a terminal would send for the key (ECMA-48).</summary>
    public static string TextOf(ConsoleKeyInfo key) => key.Key switch
    {
        ConsoleKey.UpArrow => "\e[A",
        ConsoleKey.DownArrow => "\e[B",
        ConsoleKey.RightArrow => "\e[C",
        ConsoleKey.LeftArrow => "\e[D",
        ConsoleKey.Home => "\e[H",
        ConsoleKey.End => "\e[F",
        ConsoleKey.Delete => "\e[3~",
        ConsoleKey.Backspace => "\x7f",
        _ when key.KeyChar == '\0' => "",
        _ => key.KeyChar.ToString(),
    };
}
