using System.Threading.Channels;
using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// A watch stream between the loop, which pushes, and a door, which reads. How much waits here is bounded by the hub: what the
/// reader takes is reported back to it.
/// </summary>
internal sealed class WatchStream : IWatchStream, IWatchSink
{
    private const int MaxMessagesPerRead = 256;

    /// <summary>A part of <see cref="WatchHubOptions.StreamBytes"/> so small that what is not reported holds no watcher up.</summary>
    private const int ReportBytes = 64 << 10;

    private readonly GroupLoop _loop;
    private readonly Channel<(WatchMessage Message, int Bytes)> _messages = Channel.CreateUnbounded<(WatchMessage, int)>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private int _stream;
    private long _unreported;

    public WatchStream(GroupLoop loop)
    {
        _loop = loop;
        OnHub(hub => _stream = hub.OpenStream(this));
    }

    public void Create(long watchId, WatchRequest request) => OnHub(hub => EndUnless(hub, hub.Create(_stream, watchId, request)));

    public void Cancel(long watchId) => OnHub(hub => EndUnless(hub, hub.Cancel(_stream, watchId)));

    public void RequestProgress() => OnHub(hub => hub.RequestProgress(_stream));

    public async ValueTask<bool> ReadAsync(List<WatchMessage> into, CancellationToken cancellationToken)
    {
        if (!await _messages.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        long bytes = 0;
        for (int count = 0; count < MaxMessagesPerRead && _messages.Reader.TryRead(out (WatchMessage Message, int Bytes) next); count++)
        {
            into.Add(next.Message);
            bytes += next.Bytes;
        }

        Report(bytes);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        OnHub(hub => hub.CloseStream(_stream));
        _messages.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    void IWatchSink.Push(WatchMessage message, int bytes) => _messages.Writer.TryWrite((message, bytes));

    /// <summary>Tells the hub what was taken, in portions: the loop wakes for each.</summary>
    private void Report(long bytes)
    {
        _unreported += bytes;
        if (_unreported >= ReportBytes)
        {
            long taken = _unreported;
            _unreported = 0;
            OnHub(hub => hub.Consumed(_stream, taken));
        }
    }

    /// <summary>A client that asks and asks and never reads the answers loses its stream.</summary>
    private void EndUnless(WatchHub hub, bool isTaken)
    {
        if (!isTaken)
        {
            hub.CloseStream(_stream);
            _messages.Writer.TryComplete();
        }
    }

    private void OnHub(Action<WatchHub> action)
    {
        if (!_loop.OnHub(action))
        {
            _messages.Writer.TryComplete();
        }
    }
}
