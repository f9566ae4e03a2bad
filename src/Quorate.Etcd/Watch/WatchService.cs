using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.Watch</c>.</summary>
internal sealed class WatchService(DoorGroup group, LeaderWatch leader, EtcdDoorOptions options)
{
    /// <summary>What etcd allows a message beyond the largest request.</summary>
    private const int SlackBytes = 512 * 1024;

    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => WatchReflection.Descriptor)
        .Duplex<WatchRequest, WatchResponse>(EtcdMethods.Watch, WatchRequest.Parser, WatchAsync);

    private async Task WatchAsync(MessageReader<WatchRequest> requests, MessageWriter<WatchResponse> responses, ServerCall call)
    {
        using StreamLife life = new(call, leader);
        await using WatchSession session = new(
            group,
            new WatchWriter(responses, group, options.MaxRequestBytes + SlackBytes),
            options.MaxWatchersPerStream);
        await life.RunAsync(session.ReadRequestsAsync(requests, life.Token), session.WriteMessagesAsync(life.Token)).ConfigureAwait(false);
    }
}
