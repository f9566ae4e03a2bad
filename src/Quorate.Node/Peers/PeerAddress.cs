using System.Net;
using System.Net.Sockets;

namespace Quorate.Node;

/// <summary>HOST:PORT as an endpoint.</summary>
internal static class PeerAddress
{
    /// <exception cref="SocketException">The host is not known.</exception>
    /// <exception cref="FormatException">It is not HOST:PORT.</exception>
    public static IPEndPoint Resolve(string address)
    {
        if (IPEndPoint.TryParse(address, out IPEndPoint? parsed) && parsed.Port != 0)
        {
            return parsed;
        }

        int colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), out ushort port) || port == 0)
        {
            throw new FormatException($"'{address}' is not HOST:PORT.");
        }

        IPAddress[] found = Dns.GetHostAddresses(address[..colon]);
        IPAddress host = Array.Find(found, candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        return new IPEndPoint(host, port);
    }

    public static EndPoint? RemoteEndPointOrNull(this Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
