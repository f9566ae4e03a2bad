using System.Net.Sockets;
using System.Text;

namespace Quorate.Cli.Serve;

/// <summary>Tells the service manager how far the node is, when it asked by <c>NOTIFY_SOCKET</c> (sd_notify(3)).</summary>
internal static class SystemdNotifier
{
    public const string SocketVariable = "NOTIFY_SOCKET";

    public static void Ready() => Send("READY=1");

    public static void Stopping() => Send("STOPPING=1");

    private static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is not { Length: > 0 } path)
        {
            return;
        }

        try
        {
            // A leading @ stands for the NUL byte of Linux' abstract socket names.
            UnixDomainSocketEndPoint endPoint = new(path[0] == '@' ? "\0" + path[1..] : path);
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.ASCII.GetBytes(state), endPoint);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // A service manager that does not listen must not stop a node that can serve.
            Console.Error.WriteLine($"warning: cannot tell {SocketVariable} {path} \"{state}\": {exception.Message}");
        }
    }
}
