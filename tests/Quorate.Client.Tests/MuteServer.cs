using System.Net;
using System.Net.Sockets;

namespace Quorate.Client.Tests;

/// <summary>Greets as an HTTP/2 server does, takes a request, and closes the connection without an answer.</summary>
internal sealed class MuteServer : IDisposable
{
    private static readonly byte[] EmptySettings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    private static readonly byte[] SettingsAcknowledged = [0, 0, 0, 4, 1, 0, 0, 0, 0];
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _connections;

    public MuteServer()
    {
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public int Connections => Volatile.Read(ref _connections);

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using Socket socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _connections);
                await socket.SendAsync(EmptySettings);
                await socket.SendAsync(SettingsAcknowledged);
                await ReadRequestAsync(socket);
            }
        }
        catch (SocketException)
        {
            // The listener was closed.
        }
    }

    /// <summary>Reads until a DATA frame has come: the request has been sent whole then.</summary>
    private static async Task ReadRequestAsync(Socket socket)
    {
        const int PrefaceBytes = 24;
        await using NetworkStream stream = new(socket);
        byte[] buffer = new byte[16 * 1024];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, PrefaceBytes));
        bool hasData = false;
        while (!hasData)
        {
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 9));
            int length = (buffer[0] << 16) | (buffer[1] << 8) | buffer[2];
            hasData = buffer[3] == 0;
            await stream.ReadExactlyAsync(buffer.AsMemory(0, length));
        }
    }
}
