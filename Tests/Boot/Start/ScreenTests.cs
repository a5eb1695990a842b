// A machine with a screen: the prompt is on it, and its own keyboard types.

using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed partial class ScreenTests : BootTest
{
    private const string Ready = "(qemu) ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _socket =
        Path.Combine(Path.GetTempPath(), $"cosmos-{Guid.NewGuid():N}.sock");

    protected override QemuOptions Options =>
        new() { Screen = Screen.Hidden, MonitorSocket = _socket };

    [Test]
    public void Prompt_is_on_the_screen_and_the_keyboard_types()
    {
        // Typed so that what is typed does not contain what will be shown.
        Succeeds("write /tmp/shown seen' 'by' 'you");
        using var socket = new Socket(
            AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_socket));
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        Answer(socket);
        UntilShown(socket, "cosmos:/$ ");
        foreach (string key in "c a t spc slash t m p slash s h o w n ret".Split(' '))
        {
            Ask(socket, $"sendkey {key} 20");
        }
        UntilShown(socket, "seen by you");
        Machine.WaitFor("seen by you");
    }

    private static void UntilShown(Socket socket, string text)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (true)
        {
            string shown = Shown(socket);
            if (shown.Contains(text, StringComparison.Ordinal)) return;
            Assert.That(DateTime.UtcNow, Is.LessThan(end), shown);
        }
    }

    /// <summary>The characters of the text screen, without their colours.</summary>
    private static string Shown(Socket socket)
    {
        StringBuilder text = new();
        bool isColour = false;
        foreach (Match cell in Cell().Matches(Ask(socket, "xp /4000xb 0xb8000")))
        {
            if (!isColour)
            {
                text.Append((char)byte.Parse(
                    cell.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            }
            isColour = !isColour;
        }
        return text.ToString();
    }

    private static string Ask(Socket socket, string command)
    {
        socket.Send(Encoding.ASCII.GetBytes(command + "\n"));
        return Answer(socket);
    }

    private static string Answer(Socket socket)
    {
        StringBuilder answer = new();
        byte[] buffer = new byte[64 * 1024];
        while (!answer.ToString().EndsWith(Ready, StringComparison.Ordinal))
        {
            int count = socket.Receive(buffer);
            Assert.That(count, Is.Positive);
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return answer.ToString();
    }

    [GeneratedRegex(@"(?<=\s)0x([0-9a-f]{2})(?=\s)")]
    private static partial Regex Cell();
}
