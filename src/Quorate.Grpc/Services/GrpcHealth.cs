using Quorate.Grpc.Contract;

namespace Quorate.Grpc;

/// <summary>
/// The health service <c>grpc.health.v1</c>. The empty name stands for the whole server. Safe for use from any thread.
/// </summary>
public sealed class GrpcHealth
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal) { [string.Empty] = ServingStatus.Serving };
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _shutDown;

    internal GrpcHealth()
    {
    }

    /// <summary>Sets the status of a service; after <see cref="Shutdown"/> nothing changes any more.</summary>
    public void Set(string service, ServingStatus status)
    {
        lock (_lock)
        {
            if (_shutDown || (_statuses.TryGetValue(service, out ServingStatus old) && old == status))
            {
                return;
            }

            _statuses[service] = status;
            SignalChange();
        }
    }

    /// <summary>Nothing serves any more.</summary>
    public void Shutdown()
    {
        lock (_lock)
        {
            _shutDown = true;
            foreach (string service in _statuses.Keys.ToArray())
            {
                _statuses[service] = ServingStatus.NotServing;
            }

            SignalChange();
        }
    }

    internal void AddTo(GrpcServiceMap map) => map
        .Describe(() => HealthReflection.Descriptor)
        .Unary("/grpc.health.v1.Health/Check", HealthCheckRequest.Parser, (request, _) => ValueTask.FromResult(Check(request.Service)))
        .Unary("/grpc.health.v1.Health/List", HealthListRequest.Parser, (_, _) => ValueTask.FromResult(List()))
        .ServerStream<HealthCheckRequest, HealthCheckResponse>("/grpc.health.v1.Health/Watch", HealthCheckRequest.Parser, WatchAsync);

    private static HealthCheckResponse Answer(ServingStatus status) =>
        new() { Status = (HealthCheckResponse.Types.ServingStatus)status };

    private HealthCheckResponse Check(string service)
    {
        lock (_lock)
        {
            return _statuses.TryGetValue(service, out ServingStatus status)
                ? Answer(status)
                : throw new RpcException(StatusCode.NotFound, "unknown service");
        }
    }

    private HealthListResponse List()
    {
        HealthListResponse response = new();
        lock (_lock)
        {
            foreach ((string service, ServingStatus status) in _statuses)
            {
                response.Statuses.Add(service, Answer(status));
            }
        }

        return response;
    }

    private async Task WatchAsync(HealthCheckRequest request, MessageWriter<HealthCheckResponse> responses, ServerCall call)
    {
        ServingStatus? told = null;
        while (true)
        {
            ServingStatus status;
            Task changed;
            lock (_lock)
            {
                status = _statuses.GetValueOrDefault(request.Service, ServingStatus.ServiceUnknown);
                changed = _changed.Task;
            }

            if (status != told)
            {
                told = status;
                await responses.WriteAsync(Answer(status)).ConfigureAwait(false);
            }

            await changed.WaitAsync(call.CancellationToken).ConfigureAwait(false);
        }
    }

    private void SignalChange()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
