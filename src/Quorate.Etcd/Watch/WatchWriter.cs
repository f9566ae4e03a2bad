using System.Buffers;
using Google.Protobuf;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>Writes what a watch stream tells, as <c>WatchResponse</c>s. One caller at a time.</summary>
internal sealed class WatchWriter(MessageWriter<WatchResponse> responses, DoorGroup group, int fragmentBytes)
{
    private const int FlushBytes = 256 * 1024;

    private readonly List<byte[]> _pieces = [];
    private long _unflushedBytes;

    /// <summary>The refusal of a watcher; it never existed, so its id is −1.</summary>
    public void WriteRefused(string reason) => Write(new WatchResponse
    {
        Header = group.Header(group.State.Revision),
        WatchId = -1,
        Created = true,
        Canceled = true,
        CancelReason = reason,
    });

    /// <summary>Writes a message; flushes now and then while writing many, so that a large backlog is not held twice.</summary>
    public async ValueTask WriteAsync(WatchMessage message, WatcherInfo watcher, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case WatchEvents events:
                await WriteEventsAsync(events, watcher, cancellationToken).ConfigureAwait(false);
                break;
            case WatchCreated created:
                Write(new WatchResponse { Header = group.Header(created.Revision), WatchId = created.WatchId, Created = true });
                break;
            case WatchProgress progress:
                Write(new WatchResponse { Header = group.Header(progress.Revision), WatchId = progress.WatchId });
                break;
            case WatchCanceled canceled:
                // etcd leaves the revision out of the header when it is the compaction that ends a watcher, and the reason too.
                Write(new WatchResponse
                {
                    Header = group.Header(canceled.CompactRevision != 0 ? 0 : canceled.Revision),
                    WatchId = canceled.WatchId,
                    Canceled = true,
                    CompactRevision = canceled.CompactRevision,
                });
                break;
            default:
                throw new InvalidOperationException($"A watch stream cannot tell a {message.GetType().Name}.");
        }

        if (_unflushedBytes >= FlushBytes)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unflushedBytes = 0;
        return responses.FlushAsync(cancellationToken);
    }

    private void Write(WatchResponse response)
    {
        responses.Write(response);
        _unflushedBytes += response.CalculateSize();
    }

    private async ValueTask WriteEventsAsync(WatchEvents events, WatcherInfo watcher, CancellationToken cancellationToken)
    {
        Contract.ResponseHeader header = group.Header(events.Revision);
        int bytes = 0;
        foreach (WatchEvent seen in events.Events)
        {
            byte[] piece = EncodedEvent.Of(seen, watcher.WithPrevious);
            if (watcher.Fragment && _pieces.Count > 0 && bytes + piece.Length >= fragmentBytes)
            {
                WritePieces(new WatchResponse { Header = header, WatchId = events.WatchId, Fragment = true }, bytes);
                bytes = 0;
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            _pieces.Add(piece);
            bytes += piece.Length;
        }

        WritePieces(new WatchResponse { Header = header, WatchId = events.WatchId }, bytes);
    }

    private void WritePieces(WatchResponse start, int eventBytes)
    {
        int startBytes = start.CalculateSize();
        IBufferWriter<byte> writer = responses.WriteEncoded(startBytes + eventBytes);
        start.WriteTo(writer.GetSpan(startBytes)[..startBytes]);
        writer.Advance(startBytes);
        foreach (byte[] piece in _pieces)
        {
            writer.Write(piece);
        }

        _pieces.Clear();
        _unflushedBytes += startBytes + eventBytes;
    }
}
