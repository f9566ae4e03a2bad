using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// The payload of a command entry: a batch of commands under one stamp of lease time, so that what the protocol, the log and
/// the network do per entry is shared by everything that was waiting. Layout: stamp in milliseconds (varint), then for each
/// command to the end: origin node (8 bytes), boot (varint), counter (varint), length (varint), command.
/// </summary>
internal static class EntryPayload
{
    /// <summary>The payload of the commands that were <see cref="Add">added</see> to a writer.</summary>
    public static byte[] Stamp(long stampMs, ReadOnlySpan<byte> commands)
    {
        Invariant.Check(stampMs >= 0, "Lease time is never negative.");
        var payload = new byte[Varint.Size((ulong)stampMs) + commands.Length];
        commands.CopyTo(payload.AsSpan(Varint.Write(payload, (ulong)stampMs)));
        return payload;
    }

    /// <summary>Adds a command to a batch that waits to be stamped.</summary>
    public static void Add(ByteWriter writer, RequestId id, ReadOnlySpan<byte> command)
    {
        writer.UInt64(id.Node.Value);
        writer.Varint(id.Boot);
        writer.Varint(id.Counter);
        writer.Bytes(command);
    }

    /// <summary>The stamp of a payload.</summary>
    public static long StampOf(ReadOnlySpan<byte> payload) => (long)new ByteReader(payload).Varint();

    /// <summary>Walks the commands of a payload.</summary>
    internal ref struct Reader
    {
        private readonly ReadOnlyMemory<byte> _payload;
        private ByteReader _reader;

        public Reader(ReadOnlyMemory<byte> payload)
        {
            _payload = payload;
            _reader = new ByteReader(payload.Span);
            StampMs = (long)_reader.Varint();
        }

        public long StampMs { get; }

        public RequestId Id { get; private set; }

        public ReadOnlyMemory<byte> Command { get; private set; }

        public bool MoveNext()
        {
            if (_reader.AtEnd)
            {
                return false;
            }

            var node = new NodeId(_reader.UInt64());
            uint boot = _reader.Varint32();
            Id = new RequestId(node, boot, _reader.Varint());
            int length = _reader.Bytes().Length;
            Invariant.Check(!_reader.Failed, "The payload of a decided entry is malformed.");
            Command = _payload.Slice(_reader.Offset - length, length);
            return true;
        }
    }
}
