using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>The endpoints of a cluster. Everybody uses one of them until it fails; then the next that is rested.</summary>
internal sealed class EndpointPool : IAsyncDisposable
{
    private readonly Endpoint[] _endpoints;
    private int _current;

    public EndpointPool(QuorateClientOptions options)
    {
        if (options.Endpoints.Count == 0)
        {
            throw new ArgumentException("at least one endpoint is needed", nameof(options));
        }

        GrpcChannelOptions channelOptions = new() { ConnectTimeout = options.ConnectTimeout };
        _endpoints = [.. options.Endpoints.Select(url =>
            new Endpoint(new GrpcChannel(url, channelOptions), options.FirstBackOff, options.LongestBackOff))];

        // Clients that are given the same list spread over it.
        _current = Random.Shared.Next(_endpoints.Length);
    }

    public IReadOnlyList<Endpoint> All => _endpoints;

    public Endpoint? Find(Uri url) => _endpoints.FirstOrDefault(endpoint => endpoint.Channel.Endpoint == url);

    /// <summary>An endpoint to try at once, if not all have failed lately.</summary>
    public Endpoint? TryPick() => PickRested(Environment.TickCount64);

    /// <summary>An endpoint to try; waits for the first to be rested when all have failed lately.</summary>
    public async ValueTask<Endpoint> PickAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long nowMs = Environment.TickCount64;
            if (PickRested(nowMs) is Endpoint rested)
            {
                return rested;
            }

            long waitMs = _endpoints.Min(endpoint => endpoint.LeaveAloneUntilMs) - nowMs;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, waitMs)), cancellationToken).ConfigureAwait(false);
        }
    }

    public void Failed(Endpoint endpoint)
    {
        endpoint.Failed(Environment.TickCount64);
        int failed = Array.IndexOf(_endpoints, endpoint);
        Interlocked.CompareExchange(ref _current, (failed + 1) % _endpoints.Length, failed);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Endpoint endpoint in _endpoints)
        {
            await endpoint.Channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Endpoint? PickRested(long nowMs)
    {
        int first = Volatile.Read(ref _current);
        for (int offset = 0; offset < _endpoints.Length; offset++)
        {
            Endpoint endpoint = _endpoints[(first + offset) % _endpoints.Length];
            if (endpoint.IsRested(nowMs))
            {
                return endpoint;
            }
        }

        return null;
    }
}
