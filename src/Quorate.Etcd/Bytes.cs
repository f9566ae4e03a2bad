using Google.Protobuf;

namespace Quorate.Etcd;

/// <summary>Between the bytes of protobuf and those of the state, without copying: both sides promise never to change them.</summary>
internal static class Bytes
{
    public static ByteString Wrap(ReadOnlyMemory<byte> bytes) =>
        bytes.IsEmpty ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(bytes);

    public static Contract.KeyValue Wrap(State.KeyValue found) => new()
    {
        Key = Wrap(found.Key),
        CreateRevision = found.CreateRevision,
        ModRevision = found.ModRevision,
        Version = found.Version,
        Value = Wrap(found.Value),
        Lease = found.Lease,
    };
}
