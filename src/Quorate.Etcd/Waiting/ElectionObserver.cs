using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>
/// <c>Election.Observe</c>: tells who leads and each value that is proclaimed. As in etcd a leader that came and went while
/// the client was slow may be passed over; what is told is never older than what was told before.
/// </summary>
internal sealed class ElectionObserver(DoorGroup group, LeaderWatch leader)
{
    public async Task ObserveAsync(LeaderRequest request, MessageWriter<LeaderResponse> responses, ServerCall call)
    {
        using StreamLife life = new(call, leader);
        Task observing = ObserveAsync(Turn.Prefix(request.Name.Span), responses, call, life.Token);
        await life.RunAsync(Task.CompletedTask, observing).ConfigureAwait(false);
    }

    private async Task ObserveAsync(byte[] prefix, MessageWriter<LeaderResponse> responses, ServerCall call, CancellationToken cancellationToken)
    {
        StateVersion version = await group.ReadAsync(call).ConfigureAwait(false);
        (long Create, long Mod) told = default;
        while (true)
        {
            IWatchStream stream = group.Inner.OpenWatch();
            await using (stream.ConfigureAwait(false))
            {
                stream.Create(0, new State.WatchRequest(Turn.Under(prefix), version.Revision + 1, WithPrevious: false, NoPut: false, NoDelete: false, ProgressNotify: false));
                List<WatchMessage> messages = [];
                do
                {
                    version = group.State;
                    State.KeyValue? holder = Turn.Holder(version, prefix);
                    if (holder is not null && (holder.CreateRevision, holder.ModRevision) != told)
                    {
                        told = (holder.CreateRevision, holder.ModRevision);
                        responses.Write(new LeaderResponse { Header = group.Header(version.Revision), Kv = Bytes.Wrap(holder) });
                        await responses.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }

                    messages.Clear();
                    if (!await stream.ReadAsync(messages, cancellationToken).ConfigureAwait(false))
                    {
                        throw EtcdErrors.Stopped();
                    }
                }
                while (!messages.Exists(message => message is WatchCanceled));
            }

            // Compaction overtook the watcher: it starts again from now.
            version = group.State;
        }
    }
}
