using System.Net;
using System.Net.Sockets;

namespace Quorate.Grpc.Tests;

/// <summary>A port where nobody answers: the kernel drops the attempts to connect that its full queue has no room for.</summary>
internal sealed class DeafPort : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _filling = [];

    public DeafPort()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        for (int count = 0; count < 4; count++)
        {
            _filling.Add(new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
            Assert.Throws<SocketException>(() => _filling[^1].Connect((IPEndPoint)_listener.LocalEndPoint!));
        }

        Url = new Uri($"http://{_listener.LocalEndPoint}");
    }

    public Uri Url { get; }

    public void Dispose()
    {
        _filling.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }
}
