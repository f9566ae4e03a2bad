using Google.Protobuf;
using Quorate.Etcd.Contract;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>
/// An event as it stands in a <c>WatchResponse</c>: tag, length and message, so that a response is put together by copying.
/// Kept in <see cref="WatchEvent.Encoded"/>, it is made once however many watchers see it.
/// </summary>
internal sealed class EncodedEvent
{
    private byte[]? _plain;
    private byte[]? _withPrevious;

    public static byte[] Of(WatchEvent seen, bool withPrevious)
    {
        // Two threads may each make one; they are equal, so it does not matter whose stays.
        if (seen.Encoded is not EncodedEvent encoded)
        {
            seen.Encoded = encoded = new EncodedEvent();
        }

        return withPrevious && seen.Previous is not null
            ? encoded._withPrevious ??= Encode(seen, seen.Previous)
            : encoded._plain ??= Encode(seen, null);
    }

    private static byte[] Encode(WatchEvent seen, State.KeyValue? previous)
    {
        Event message = new()
        {
            Type = seen.IsDelete ? Event.Types.EventType.Delete : Event.Types.EventType.Put,
            Kv = seen.IsDelete
                ? new Contract.KeyValue { Key = Bytes.Wrap(seen.Current.Key), ModRevision = seen.Current.ModRevision }
                : Bytes.Wrap(seen.Current),
            PrevKv = previous is null ? null : Bytes.Wrap(previous),
        };
        return new WatchResponse { Events = { message } }.ToByteArray();
    }
}
