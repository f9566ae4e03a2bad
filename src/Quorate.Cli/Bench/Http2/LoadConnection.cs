using System.Buffers.Binary;
using System.Net.Sockets;

namespace Quorate.Cli.Bench.Http2;

/// <summary>
/// An HTTP/2 connection (RFC 9113) that carries gRPC calls and nothing else, made for one purpose: to cost the load test as little CPU as
/// possible. Not thread-safe; its loop calls <see cref="Receive"/> when the socket is readable and <see cref="Flush"/> after it has
/// written, so that everything of one round goes out in one system call.
/// </summary>
internal sealed partial class LoadConnection : IDisposable
{
    private const int InputBytes = 256 * 1024;
    private const int FirstOutputBytes = 64 * 1024;
    private const int MostOutputBytes = 64 * 1024 * 1024;
    private const int DefaultWindow = 65_535;
    private const int MostFreeStreams = 4096;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly ILoadHandler _handler;
    private readonly HeaderEncoder _headers;
    private readonly HpackDecoder _decoder = new();
    private readonly Dictionary<int, LoadStream> _streams = [];
    private readonly Stack<LoadStream> _free = [];
    private readonly byte[] _input = new byte[InputBytes];
    private byte[] _output = new byte[FirstOutputBytes];
    private int _inputStart;
    private int _inputEnd;
    private int _outputStart;
    private int _outputEnd;
    private int _nextStreamId = 1;
    private long _sendWindow = DefaultWindow;
    private long _initialStreamWindow = DefaultWindow;
    private int _mostStreams = 100;

    private LoadConnection(Socket socket, Uri endpoint, int index, ILoadHandler handler)
    {
        _socket = socket;
        _descriptor = (int)socket.Handle;
        _handler = handler;
        _headers = new HeaderEncoder(endpoint.Authority);
        Endpoint = endpoint;
        Index = index;
    }

    public Uri Endpoint { get; }

    /// <summary>Its number in the loop.</summary>
    public int Index { get; }

    public int OpenStreams => _streams.Count;

    public IEnumerable<LoadStream> Streams => _streams.Values;

    /// <summary>Whether one more call may be opened now.</summary>
    public bool HasRoom(int messageBytes) =>
        _streams.Count < _mostStreams && _sendWindow >= messageBytes + GrpcPrefixBytes && _outputEnd - _outputStart < MostOutputBytes;

    /// <summary>The largest message that the peer takes without opening its window in between.</summary>
    public long LargestMessageBytes => Math.Min(_initialStreamWindow, DefaultWindow) - GrpcPrefixBytes;

    /// <summary>Whether the peer has not taken everything yet.</summary>
    public bool WantsToWrite => _outputEnd > _outputStart;

    /// <summary>Whether the socket's loop knows that it wants to write.</summary>
    public bool IsWatchedForWriting { get; set; }

    public int Descriptor => _descriptor;

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static LoadConnection Open(Uri endpoint, int index, ILoadHandler handler)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using CancellationTokenSource limited = new(ConnectTimeout);
            try
            {
                socket.ConnectAsync(endpoint.Host, endpoint.Port, limited.Token).AsTask().GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            socket.Blocking = false;
            LoadConnection connection = new(socket, endpoint, index, handler);
            connection.WritePreface();
            connection.Flush();
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a call and sends its message; nothing leaves before <see cref="Flush"/>.</summary>
    /// <param name="path">The method.</param>
    /// <param name="message">The message.</param>
    /// <param name="startedAt">See <see cref="LoadStream.StartedAt"/>.</param>
    /// <param name="tag">See <see cref="LoadStream.Tag"/>.</param>
    /// <param name="isLast">Whether no further message follows.</param>
    public LoadStream Call(string path, ReadOnlySpan<byte> message, long startedAt, long tag, bool isLast = true)
    {
        LoadStream stream = _free.Count > 0 ? _free.Pop() : new LoadStream();
        stream.Id = _nextStreamId;
        stream.StartedAt = startedAt;
        stream.Tag = tag;
        stream.SendWindow = _initialStreamWindow;
        stream.Unacknowledged = 0;
        stream.PartialBytes = 0;
        _nextStreamId += 2;
        _streams.Add(stream.Id, stream);
        WriteHeaders(stream.Id, path);
        Send(stream, message, isLast);
        return stream;
    }

    /// <summary>Sends a further message on an open call.</summary>
    public void Send(LoadStream stream, ReadOnlySpan<byte> message, bool isLast = false)
    {
        int bytes = message.Length + GrpcPrefixBytes;
        _sendWindow -= bytes;
        stream.SendWindow -= bytes;
        WriteData(stream.Id, message, isLast);
    }

    /// <summary>Hands everything written to the kernel, as far as it takes it.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public void Flush()
    {
        while (_outputStart < _outputEnd)
        {
            int sent = Poll.Send(_descriptor, _output.AsSpan(_outputStart, _outputEnd - _outputStart));
            if (sent < 0)
            {
                return;
            }

            _outputStart += sent;
        }

        _outputStart = 0;
        _outputEnd = 0;
    }

    /// <summary>Reads what has come and tells the handler; calls that the handler opens meanwhile are only written, not sent.</summary>
    /// <returns><see langword="false"/> when the peer closed the connection.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="FormatException">The peer does not speak HTTP/2.</exception>
    public bool Receive()
    {
        while (true)
        {
            int room = _input.Length - _inputEnd;
            int received = Poll.Receive(_descriptor, _input.AsSpan(_inputEnd, room));
            if (received <= 0)
            {
                return received < 0;
            }

            _inputEnd += received;
            TakeFrames();

            // A short read has emptied the socket; asking again would cost a system call to learn that.
            if (received < room)
            {
                return true;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void TakeFrames()
    {
        while (_inputEnd - _inputStart >= FrameHeaderBytes)
        {
            ReadOnlySpan<byte> header = _input.AsSpan(_inputStart, FrameHeaderBytes);
            int length = (header[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(header[1..]);
            if (length > LargestFrameBytes)
            {
                throw new FormatException($"{Endpoint} sent a frame of {length} bytes: it does not speak HTTP/2 without TLS");
            }

            if (_inputEnd - _inputStart < FrameHeaderBytes + length)
            {
                break;
            }

            int streamId = (int)(BinaryPrimitives.ReadUInt32BigEndian(header[5..]) & int.MaxValue);
            ReadOnlySpan<byte> payload = _input.AsSpan(_inputStart + FrameHeaderBytes, length);
            _inputStart += FrameHeaderBytes + length;
            Take((FrameType)header[3], header[4], streamId, payload);
        }

        if (_inputStart == _inputEnd)
        {
            _inputStart = 0;
            _inputEnd = 0;
        }
        else if (_input.Length - _inputEnd < FrameHeaderBytes + LargestFrameBytes)
        {
            _input.AsSpan(_inputStart, _inputEnd - _inputStart).CopyTo(_input);
            _inputEnd -= _inputStart;
            _inputStart = 0;
        }
    }

    private void End(LoadStream stream, int status, string message)
    {
        _streams.Remove(stream.Id);
        _handler.OnEnd(this, stream, status, message);
        if (_free.Count < MostFreeStreams)
        {
            _free.Push(stream);
        }
    }
}
