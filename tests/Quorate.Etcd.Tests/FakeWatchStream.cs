using System.Threading.Channels;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd.Tests;

/// <summary>The consumer's side of one stream of the hub.</summary>
internal sealed class FakeWatchStream(FakeGroup group) : IWatchStream, IWatchSink
{
    private readonly Channel<(WatchMessage Message, int Bytes)> _messages = Channel.CreateUnbounded<(WatchMessage, int)>();

    public int Id { get; set; }

    public void Push(WatchMessage message, int bytes) => _messages.Writer.TryWrite((message, bytes));

    public void Create(long watchId, WatchRequest request) => group.WithHub(hub =>
    {
        if (!hub.Create(Id, watchId, request))
        {
            End();
        }
    });

    public void Cancel(long watchId) => group.WithHub(hub => hub.Cancel(Id, watchId));

    public void RequestProgress() => group.WithHub(hub => hub.RequestProgress(Id));

    public async ValueTask<bool> ReadAsync(List<WatchMessage> into, CancellationToken cancellationToken)
    {
        if (!await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            return false;
        }

        long bytes = 0;
        while (bytes < 1 << 20 && _messages.Reader.TryRead(out (WatchMessage Message, int Bytes) next))
        {
            into.Add(next.Message);
            bytes += next.Bytes;
        }

        group.WithHub(hub => hub.Consumed(Id, bytes));
        return true;
    }

    public ValueTask DisposeAsync()
    {
        group.Close(this);
        End();
        return ValueTask.CompletedTask;
    }

    public void End() => _messages.Writer.TryComplete();
}
