using System.Text;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>
/// The recipe behind locks and elections: each who waits puts a key under a common prefix, and whose key is the oldest has
/// the turn (etcd, <c>client/v3/concurrency</c>).
/// </summary>
internal sealed class Turn(DoorGroup group)
{
    /// <summary>What may be left of a waiter's time when it gives up: its key is taken away behind its back.</summary>
    private static readonly TimeSpan GivingUpTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The prefix of all who wait for <paramref name="name"/>.</summary>
    public static byte[] Prefix(ReadOnlySpan<byte> name) => [.. name, (byte)'/'];

    /// <summary>The key of the one who waits with this lease.</summary>
    public static byte[] Key(ReadOnlySpan<byte> name, long lease) => [.. name, (byte)'/', .. Encoding.ASCII.GetBytes(lease.ToString("x"))];

    /// <summary>Every key that begins with a prefix, which is not empty and ends in a slash.</summary>
    public static KeyRange Under(byte[] prefix)
    {
        byte[] end = [.. prefix];
        end[^1]++;
        return new KeyRange(prefix, end);
    }

    /// <summary>The key whose turn it is, or <see langword="null"/>.</summary>
    public static KeyValue? Holder(StateVersion version, byte[] prefix)
    {
        RangeQuery query = new(Under(prefix)) { Limit = 1, SortTarget = SortTarget.Create, SortOrder = SortOrder.Ascending };
        return version.Range(query).KeyValues is [KeyValue oldest, ..] ? oldest : null;
    }

    /// <summary>Puts the key unless it is there.</summary>
    /// <returns>Its create revision, the value it has, and whether it is new.</returns>
    public async ValueTask<(long CreateRevision, KeyValue? Found)> EnterAsync(byte[] key, ReadOnlyMemory<byte> value, long lease, CancellationToken cancellationToken)
    {
        KeyRange single = new(key, default);
        TxnCommand command = new(
            [new Compare(single, CompareTarget.Create, CompareResult.Equal, 0, default)],
            [new PutCommand(key, value, lease)],
            [new RangeCommand(new RangeQuery(single))]);
        var result = (TxnResult)await group.ProposeAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded)
        {
            return (result.Revision, null);
        }

        KeyValue found = ((RangeResult)result.Responses[0]).KeyValues[0];
        return (found.CreateRevision, found);
    }

    /// <summary>
    /// Waits until every key under the prefix that is older has gone. The local state suffices: it has applied the waiter's own
    /// key, so it knows all older ones, and a deletion seen late only makes the wait longer. Whether the waiter's own key
    /// outlived the wait is asked of the whole cluster at the end (Jepsen's finding, etcd #11408).
    /// </summary>
    /// <returns>The state that holds the key, or <see langword="null"/> when the key has gone.</returns>
    public async ValueTask<StateVersion?> WaitAsync(byte[] prefix, byte[] key, long createRevision, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                StateVersion version = group.State;
                RangeQuery older = new(Under(prefix)) { Limit = 1, SortTarget = SortTarget.Create, SortOrder = SortOrder.Descending, MaxCreateRevision = createRevision - 1 };
                if (version.Range(older).KeyValues is not [KeyValue ahead, ..])
                {
                    break;
                }

                await WaitDeletedAsync(ahead.Key, version.Revision + 1, cancellationToken).ConfigureAwait(false);
            }

            StateVersion current = await group.ReadAsync(cancellationToken).ConfigureAwait(false);
            return current.Get(key)?.CreateRevision == createRevision ? current : null;
        }
        catch
        {
            await GiveUpAsync(key, createRevision).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Deletes a key if it is still the one that was created at this revision.</summary>
    public async ValueTask<TxnResult> LeaveAsync(ReadOnlyMemory<byte> key, long createRevision, CancellationToken cancellationToken)
    {
        KeyRange single = new(key, default);
        TxnCommand command = new(
            [new Compare(single, CompareTarget.Create, CompareResult.Equal, createRevision, default)],
            [new DeleteRangeCommand(single)],
            []);
        return (TxnResult)await group.ProposeAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask GiveUpAsync(byte[] key, long createRevision)
    {
        using CancellationTokenSource limit = new(GivingUpTimeout);
        try
        {
            await LeaveAsync(key, createRevision, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is Grpc.RpcException or OperationCanceledException)
        {
            // Then the lease takes it away.
        }
    }

    private async ValueTask WaitDeletedAsync(ReadOnlyMemory<byte> key, long fromRevision, CancellationToken cancellationToken)
    {
        IWatchStream stream = group.Inner.OpenWatch();
        await using (stream.ConfigureAwait(false))
        {
            stream.Create(0, new WatchRequest(new KeyRange(key, default), fromRevision, WithPrevious: false, NoPut: true, NoDelete: false, ProgressNotify: false));
            List<WatchMessage> messages = [];
            while (await stream.ReadAsync(messages, cancellationToken).ConfigureAwait(false))
            {
                // A watcher that was cut off by a compaction has missed nothing that the next look at the state does not show.
                if (messages.Exists(message => message is WatchEvents or WatchCanceled))
                {
                    return;
                }

                messages.Clear();
            }
        }

        throw EtcdErrors.Stopped();
    }
}
