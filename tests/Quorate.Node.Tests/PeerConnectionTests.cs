using System.Net;
using System.Net.Sockets;

namespace Quorate.Node.Tests;

public sealed class PeerConnectionTests
{
    [Fact]
    public void A_reader_ends_quietly_when_its_own_side_closes_the_connection()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using Socket peer = new(SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        Socket accepted = listener.Accept();
        accepted.Dispose();
        PeerConnection.ReadFrames(accepted, (_, _) => Assert.Fail("Nothing was sent."));
    }
}
