using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Node;

/// <summary>
/// The connections between this node and its peers: each node dials every other, sends on the connection it dialled and reads
/// on those it accepted. Dialling goes on until it is stopped.
/// </summary>
internal sealed partial class PeerNetwork : IAsyncDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);

    private const int HandshakeStackBytes = 256 << 10;

    private readonly IPeerNetworkOwner _owner;
    private readonly ILogger _logger;
    private readonly string _nodeName;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _dialers = new();
    private readonly ConcurrentDictionary<NodeId, PeerTraffic> _traffic = new();
    private readonly NodeMetrics _metrics;
    private readonly Timer _sampler;
    private readonly List<PeerReader> _readers = [];
    private readonly List<PeerChannel> _open = [];
    private PeerChannel[] _channels = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private TaskCompletionSource _newcomer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerNetwork(IPeerNetworkOwner owner, string nodeName, ILogger logger, NodeMetrics metrics)
    {
        _owner = owner;
        _nodeName = nodeName;
        _logger = logger;
        _metrics = metrics;
        _sampler = new Timer(_ => SampleRoundTrips(), null, SampleInterval, SampleInterval);
    }

    /// <summary>What went between this node and each peer that was ever connected.</summary>
    public IEnumerable<PeerTraffic> Traffic => _traffic.Values;

    /// <summary>Starts to accept peers.</summary>
    /// <exception cref="SocketException">The address is taken or not ours.</exception>
    public void Listen(string address)
    {
        IPEndPoint endpoint = PeerAddress.Resolve(address);
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(endpoint);
        _listener.Listen(64);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Dials this address from now on, if it is not dialled already.</summary>
    public void Dial(string address) => _dialers.GetOrAdd(address, key => Task.Run(() => DialAsync(key)));

    /// <summary>Reads from this peer from now on; a newer connection takes the place of an older one, whose rest is not read any more.</summary>
    public void Take(NodeId peer, Socket socket, LoopPoll poll)
    {
        int older = _readers.FindIndex(reader => reader.Peer == peer);
        if (older >= 0)
        {
            _readers[older].Dispose();
            _readers.RemoveAt(older);
        }

        _readers.Add(new PeerReader(peer, socket, TrafficOf(peer)));
        poll.Watch(_readers);
    }

    /// <summary>Reads once from every peer that has something to say.</summary>
    public void Receive(LoopPoll poll, PeerFrameHandler handle)
    {
        bool closed = false;
        for (int i = _readers.Count - 1; i >= 0; i--)
        {
            if (poll.IsReady(i) && !_readers[i].Receive(handle))
            {
                _readers[i].Dispose();
                _readers.RemoveAt(i);
                closed = true;
            }
        }

        if (closed)
        {
            poll.Watch(_readers);
        }
    }

    /// <summary>Gathers a frame for a peer; dropped when there is no connection to it.</summary>
    public void Send(NodeId peer, ReadOnlySpan<byte> frame)
    {
        foreach (PeerChannel channel in _channels)
        {
            if (channel.Peer == peer)
            {
                channel.Add(frame);
                return;
            }
        }
    }

    /// <summary>Sends everything gathered.</summary>
    public void Flush()
    {
        foreach (PeerChannel channel in _channels)
        {
            channel.Flush();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sampler.DisposeAsync().ConfigureAwait(false);
        _listener?.Dispose();
        foreach (PeerChannel channel in _channels)
        {
            channel.Dispose();
        }

        foreach (PeerReader reader in _readers)
        {
            reader.Dispose();
        }

        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_dialers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener!.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                new Thread(() => Serve(socket), HandshakeStackBytes) { IsBackground = true, Name = $"{_nodeName} peer" }.Start();
            }
            catch (SocketException failure)
            {
                LogAcceptFailed(failure.Message);
                await Task.Delay(FirstRetry).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Answers whoever dialled, on a thread of its own. The socket is never touched asynchronously: the runtime would wake its
    /// own polling thread for every message for ever.
    /// </summary>
    private void Serve(Socket socket)
    {
        bool isTaken = false;
        try
        {
            socket.NoDelay = true;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            timeout.CancelAfter(HandshakeTimeout);
            PeerHello? hello;
            using (timeout.Token.Register(socket.Dispose))
            {
                hello = ShakeAsServer(socket, timeout.Token);
            }

            isTaken = hello is not null && _owner.PeerAccepted(hello.Identity.Node, socket);
            if (isTaken)
            {
                Interlocked.Exchange(ref _newcomer, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException or GroupException)
        {
            LogHandshakeFailed(socket.RemoteEndPointOrNull(), failure.Message);
        }
        finally
        {
            if (!isTaken)
            {
                socket.Dispose();
            }
        }
    }

    private PeerHello? ShakeAsServer(Socket socket, CancellationToken cancellationToken)
    {
        using var stream = new NetworkStream(socket, ownsSocket: false);
        var preface = new byte[PeerFraming.Preface.Length];
        stream.ReadExactly(preface);
        if (!preface.AsSpan().SequenceEqual(PeerFraming.Preface))
        {
            throw new IOException("The other side does not speak Quorate's peer protocol.");
        }

        if (!PeerHello.TryDecode(HandshakeFrames.ReadFrame(stream), out PeerHello? hello))
        {
            throw new IOException("The other side introduced itself in a way this build does not know.");
        }

        string? refusal = _owner.GreetAsync(hello!, cancellationToken).AsTask().GetAwaiter().GetResult();
        if (refusal is not null)
        {
            stream.Write(HandshakeFrames.Frame([PeerFraming.Refused, .. Encoding.UTF8.GetBytes(refusal)]));
            return null;
        }

        PeerHello own = _owner.HelloAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
        stream.Write(HandshakeFrames.Frame([PeerFraming.Welcome, .. own.Encode()]));
        return hello;
    }

    private async Task DialAsync(string address)
    {
        TimeSpan retry = FirstRetry;
        while (!_stopping.IsCancellationRequested)
        {
            Task newcomer = Volatile.Read(ref _newcomer).Task;
            try
            {
                if (await ConnectAsync(address).ConfigureAwait(false))
                {
                    retry = FirstRetry;
                }
            }
            catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException || IsTimeout(failure))
            {
                LogDialFailed(address, failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            // A peer that has just come by is up and can be dialled now: an election waits for connections in both directions.
            await Task.Delay(FirstRetry, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAny(Task.Delay(retry - FirstRetry, _stopping.Token), newcomer).ConfigureAwait(false);
            retry = newcomer.IsCompleted ? FirstRetry : retry * 2 < LastRetry ? retry * 2 : LastRetry;
        }
    }

    private bool IsTimeout(Exception failure) => failure is OperationCanceledException && !_stopping.IsCancellationRequested;

    /// <summary>Connects, and stays until the connection closes. Gives true when it had been welcome.</summary>
    private async Task<bool> ConnectAsync(string address)
    {
        IPEndPoint endpoint = PeerAddress.Resolve(address);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var closing = socket;
        PeerHello hello;
        using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
        {
            timeout.CancelAfter(HandshakeTimeout);
            await socket.ConnectAsync(endpoint, timeout.Token).ConfigureAwait(false);
            if (await ShakeAsClientAsync(socket, address, timeout.Token).ConfigureAwait(false) is not { } welcome)
            {
                await Task.Delay(LastRetry, _stopping.Token).ConfigureAwait(false);
                return false;
            }

            hello = welcome;
        }

        var channel = new PeerChannel(hello.Identity.Node, socket, TrafficOf(hello.Identity.Node));
        Publish(channel, isOpen: true);
        _owner.PeerConnected(channel.Peer);
        try
        {
            // The other side never sends here: the first thing to be read is the end.
            socket.Blocking = false;
            await socket.ReceiveAsync(new byte[1], SocketFlags.None, _stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            Publish(channel, isOpen: false);
            channel.Dispose();
            _owner.PeerDisconnected(channel.Peer);
        }

        return true;
    }

    private async Task<PeerHello?> ShakeAsClientAsync(Socket socket, string address, CancellationToken cancellationToken)
    {
        PeerHello own = await _owner.HelloAsync(cancellationToken).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await stream.WriteAsync((byte[])[.. PeerFraming.Preface, .. HandshakeFrames.Frame(own.Encode())], cancellationToken).ConfigureAwait(false);
        byte[] answer = await HandshakeFrames.ReadFrameAsync(stream, cancellationToken).ConfigureAwait(false);
        if (answer[0] == PeerFraming.Refused)
        {
            LogNotWelcome(address, Encoding.UTF8.GetString(answer.AsSpan(1)));
            return null;
        }

        if (answer[0] != PeerFraming.Welcome || !PeerHello.TryDecode(answer.AsSpan(1), out PeerHello? hello))
        {
            throw new IOException("The other side introduced itself in a way this build does not know.");
        }

        string? refusal = await _owner.GreetAsync(hello!, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
        {
            LogNotWelcome(address, refusal);
            return null;
        }

        return hello;
    }

    private void Publish(PeerChannel channel, bool isOpen)
    {
        lock (_open)
        {
            if (isOpen)
            {
                _open.Add(channel);
            }
            else
            {
                _open.Remove(channel);
            }

            _channels = [.. _open];
        }

        channel.Traffic.Connected(isOpen);
    }

    private PeerTraffic TrafficOf(NodeId peer) => _traffic.GetOrAdd(peer, static id => new PeerTraffic(id));

    private void SampleRoundTrips()
    {
        foreach (PeerChannel channel in _channels)
        {
            if (channel.TryGetRoundTrip(out TimeSpan time))
            {
                _metrics.RoundTrip(channel.Traffic, time);
            }
        }
    }

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "Accepting a peer failed: {Reason}")]
    private partial void LogAcceptFailed(string reason);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "A connection from {Remote} was closed: {Reason}")]
    private partial void LogHandshakeFailed(EndPoint? remote, string reason);

    [LoggerMessage(EventId = 203, Level = LogLevel.Debug, Message = "No connection to the peer at {Address} yet: {Reason}")]
    private partial void LogDialFailed(string address, string reason);

    [LoggerMessage(EventId = 204, Level = LogLevel.Error, Message = "The peer at {Address} and this node do not belong together: {Reason}")]
    private partial void LogNotWelcome(string address, string reason);
}
