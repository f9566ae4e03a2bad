using System.Collections.Concurrent;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>Clients that write one fresh key after the other and remember which of them were acknowledged.</summary>
internal sealed class AcknowledgedPuts : IAsyncDisposable
{
    private const int WriterCount = 8;
    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="prefix">What every key begins with.</param>
    /// <param name="valueBytes">Size of a value.</param>
    /// <param name="endpoints">Where to write.</param>
    public AcknowledgedPuts(string prefix, int valueBytes, params Uri[] endpoints) =>
        _running = Task.WhenAll(Enumerable.Range(0, WriterCount).Select(k => WriteAsync($"{prefix}{k}/", new byte[valueBytes], endpoints)));

    public int Count => _acknowledged.Count;

    /// <summary>The last failure a writer met.</summary>
    public QuorateException? LastFailure { get; private set; }

    public Task AtLeastAsync(int count, double patienceSeconds = 60) =>
        TestRun.UntilAsync(() => Task.FromResult(Count >= count), patienceSeconds, () => $"{count} writes acknowledged, {Count} are; last failure: {LastFailure?.Message}");

    /// <summary>Ends the writers; what was acknowledged by then is final.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>The acknowledged keys that a node does not have.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(TestNode node)
    {
        await using QuorateClient client = node.NewClient(20);
        RangeResult all = await client.RangeAsync(KeyRange.All, new RangeOptions { KeysOnly = true }, TestRun.Token);
        HashSet<string> present = [.. all.KeyValues.Select(found => found.KeyText)];
        return [.. _acknowledged.Keys.Where(key => !present.Contains(key)).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(string prefix, byte[] value, Uri[] endpoints)
    {
        await using QuorateClient client = TestNode.Connect(3, endpoints);
        for (int number = 0; !_stop.IsCancellationRequested; number++)
        {
            string key = $"{prefix}{number:D6}";
            try
            {
                PutResult put = await client.PutAsync(System.Text.Encoding.UTF8.GetBytes(key), value, cancellationToken: _stop.Token);
                _acknowledged[key] = put.Revision;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (QuorateException failure)
            {
                LastFailure = failure;
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }
}
