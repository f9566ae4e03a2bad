using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Quorate.Processes.Tests.Faults;

/// <summary>Just enough HTTP/2 (RFC 9113) to ask for much and take nothing: a client library would read on behind our back.</summary>
internal sealed class RawHttp2Client : IDisposable
{
    private const int HeadBytes = 9;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte WindowUpdate = 8;
    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly SemaphoreSlim _sending = new(1);
    private int _lastStream = -1;

    private RawHttp2Client()
    {
    }

    /// <param name="port">Where to connect.</param>
    /// <param name="grantsWindow">Whether the server may send without end, as far as HTTP/2 is concerned.</param>
    public static async Task<RawHttp2Client> ConnectAsync(int port, bool grantsWindow)
    {
        var client = new RawHttp2Client();
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        byte[] begin = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. grantsWindow ? WindowOf(int.MaxValue) : Frame(Settings, 0, 0, [])];
        await client._socket.SendAsync(grantsWindow ? [.. begin, .. Frame(WindowUpdate, 0, 0, [0x7f, 0, 0, 0])] : begin);
        return client;
    }

    /// <summary>Says how much of each answer the server may send, open ones included (RFC 9113 §6.9.2).</summary>
    public Task GrantAsync(int windowBytes) => SendAsync(WindowOf(windowBytes));

    /// <summary>Opens a stream with one gRPC message.</summary>
    public async Task CallAsync(string method, byte[] message, bool isLast)
    {
        var block = new List<byte>();
        foreach ((string name, string value) in new[]
        {
            (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "stalled"), ("te", "trailers"), ("content-type", "application/grpc"),
        })
        {
            // Literal header fields without indexing (RFC 7541 §6.2.2); every length fits into seven bits.
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }

        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
        int stream = _lastStream += 2;
        await SendAsync([.. Frame(Headers, EndHeaders, stream, [.. block]), .. Frame(Data, isLast ? EndStream : (byte)0, stream, [0, .. length, .. message])]);
    }

    /// <summary>
    /// Takes what comes, shows that it is alive when asked, and never grants another byte of window. Tells of every frame its type, flags and stream.
    /// </summary>
    public async Task StayAliveAsync(CancellationToken stop, Action<byte, byte, int>? seen = null)
    {
        byte[] head = new byte[HeadBytes];
        try
        {
            while (true)
            {
                await ReceiveAsync(head, stop);
                byte[] payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await ReceiveAsync(payload, stop);
                bool isAck = (head[4] & Ack) != 0;
                seen?.Invoke(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
                if (head[3] is Settings or Ping && !isAck)
                {
                    await SendAsync(Frame(head[3], Ack, 0, head[3] == Ping ? payload : []));
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // The test is over, or the server has cut us off, which is its right.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private static byte[] WindowOf(int bytes) =>
        Frame(Settings, 0, 0, [0, 4, (byte)(bytes >> 24), (byte)(bytes >> 16), (byte)(bytes >> 8), (byte)bytes]);

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
    [
        (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags,
        (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload,
    ];

    private async Task SendAsync(byte[] bytes)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(bytes);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync(byte[] bytes, CancellationToken stop)
    {
        for (int filled = 0; filled < bytes.Length;)
        {
            int read = await _socket.ReceiveAsync(bytes.AsMemory(filled), stop);
            filled += read > 0 ? read : throw new EndOfStreamException();
        }
    }
}
