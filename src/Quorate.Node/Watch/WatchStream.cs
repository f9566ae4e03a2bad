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
    private long _pushedEvents;
    private long _takenEvents;

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
        long events = 0;
        for (int count = 0; count < MaxMessagesPerRead && _messages.Reader.TryRead(out (WatchMessage Message, int Bytes) next); count++)
        {
            into.Add(next.Message);
            bytes += next.Bytes;
            events += EventsOf(next.Message);
        }

        if (events > 0)
        {
            Volatile.Write(ref _takenEvents, _takenEvents + events);
            _loop.Metrics.EventsTaken(events);
        }

        Report(bytes);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        OnHub(hub =>
        {
            hub.CloseStream(_stream);
            ForgetPending();
        });
        _messages.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    void IWatchSink.Push(WatchMessage message, int bytes)
    {
        int events = EventsOf(message);
        _pushedEvents += events;
        _loop.Metrics.EventsPushed(events);
        _messages.Writer.TryWrite((message, bytes));
    }

    private static int EventsOf(WatchMessage message) => message is WatchEvents events ? events.Events.Count : 0;

    /// <summary>On the loop, when nobody reads any more: what is left will never be taken.</summary>
    private void ForgetPending()
    {
        long left = _pushedEvents - Volatile.Read(ref _takenEvents);
        _pushedEvents -= left;
        _loop.Metrics.EventsTaken(left);
    }

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
