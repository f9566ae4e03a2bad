using System.Net;
using System.Net.Sockets;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Up;

/// <summary>Finds out before anything starts which ports are taken, so that the message can name them.</summary>
internal static class PortCheck
{
    /// <exception cref="CliException">A port is taken.</exception>
    public static void EnsureFree(IEnumerable<ClusterNode> nodes)
    {
        foreach (ClusterNode node in nodes)
        {
            Ensure(new Uri(node.ClientUrl), $"client port of {node.Name}", "--client-port");
            Ensure(new Uri(node.PeerUrl), $"peer port of {node.Name}", "--peer-port");
        }
    }

    private static void Ensure(Uri url, string what, string option)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Parse(url.Host), url.Port);
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            string why = exception.SocketErrorCode == SocketError.AccessDenied ? "may not be used by this user" : "is taken by another program";
            throw new CliException($"port {url.Port}, the {what}, {why}; free it, or choose another {option} with another --data-dir");
        }
    }
}
