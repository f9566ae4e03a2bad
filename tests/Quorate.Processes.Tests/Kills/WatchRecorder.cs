using Quorate.Checking;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Kills;

/// <summary>
/// A watch of a client that outlives the nodes it hangs on, and everything it was told: to its user it is one watch, however often it had
/// to begin again.
/// </summary>
internal sealed class WatchRecorder(string name, WatchRecording asked, params TestNode[] nodes)
{
    private readonly List<WatchResponse> _responses = [];
    private long _seen;

    /// <summary>Everything up to here was told.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>To be looked at when <see cref="RunAsync"/> has ended.</summary>
    public WatchRecording Recording => asked with { Name = name, Responses = _responses };

    public async Task RunAsync(CancellationToken stop)
    {
        await using QuorateClient client = TestNode.Connect(3, [.. nodes.Select(node => node.Url)]);
        var options = new WatchOptions { StartRevision = asked.Start, ReturnPrevious = asked.WithPrevious, IgnoreDeletes = asked.NoDelete, IncludeProgress = true };
        KeyRange range = asked.End is null ? KeyRange.Single(asked.Key) : KeyRange.Between(asked.Key, asked.End);
        try
        {
            await foreach (WatchBatch batch in client.WatchAsync(range, options, stop))
            {
                WatchResponseKind kind = _responses.Count == 0 ? WatchResponseKind.Created : batch.Events.Count == 0 ? WatchResponseKind.Progress : WatchResponseKind.Events;
                _responses.Add(new WatchResponse(kind, batch.Revision, kind == WatchResponseKind.Events ? [.. batch.Events.Select(EventOf)] : null));
                Volatile.Write(ref _seen, batch.Revision);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The history is over.
        }
    }

    private static WatchedEvent EventOf(WatchEvent told) => new(
        told.KeyValue.KeyText,
        told.Kind == WatchEventKind.Put ? told.KeyValue.ValueText : null,
        told.KeyValue.CreateRevision,
        told.KeyValue.ModRevision,
        told.KeyValue.Version,
        told.Previous is { } previous ? HistoryClient.VersionOf(previous) : null);
}
