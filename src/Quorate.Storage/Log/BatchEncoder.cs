using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>Lays out a batch in one reused buffer, as <see cref="LogFormat"/> tells.</summary>
internal sealed class BatchEncoder
{
    /// <summary>A buffer that one large batch made longer than this is not kept.</summary>
    private const int KeptBufferBytes = 4 << 20;

    private byte[] _buffer = [];

    /// <summary>The checksum to which whatever follows the last batch chains.</summary>
    public uint Chain { get; private set; }

    /// <summary>The length of a batch in bytes.</summary>
    /// <exception cref="ArgumentException">It or its caption would be too long.</exception>
    public static int Measure(ReadOnlyMemory<byte>? caption, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        int captionLength = caption?.Length ?? 0;
        if (captionLength > LogFormat.MaxCaptionBytes)
        {
            throw new ArgumentException($"A caption has at most {LogFormat.MaxCaptionBytes} bytes, not {captionLength}.", nameof(caption));
        }

        long length = LogFormat.BatchHeaderBytes + captionLength + ((long)records.Count * LogFormat.RecordHeaderBytes);
        for (int i = 0; i < records.Count; i++)
        {
            length += records[i].Length;
        }

        length = LogFormat.Align(length);
        return length <= LogFormat.MaxBatchBytes
            ? (int)length
            : throw new ArgumentException($"A batch has at most {LogFormat.MaxBatchBytes} bytes, not {length}.", nameof(records));
    }

    /// <summary>Lays out the batch that comes next in <paramref name="segment"/> and notes places of it there.</summary>
    /// <returns>Its bytes, valid until the next call.</returns>
    public ReadOnlySpan<byte> Encode(
        Segment segment,
        int length,
        long first,
        long mark,
        ReadOnlyMemory<byte>? caption,
        IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        Span<byte> batch = Rent(length);
        BatchHeader header = new(
            segment.Number,
            segment.First,
            first,
            mark,
            records.Count,
            length,
            caption?.Length ?? -1,
            caption is { } text ? Crc32C.Of(Crc32C.Seed, text.Span) : 0,
            segment.Chain,
            Checksum: 0);
        if (!LogFormat.IsSane(header))
        {
            throw new InvalidOperationException($"A batch may not be written with this header: {header}.");
        }

        caption?.Span.CopyTo(batch[LogFormat.BatchHeaderBytes..]);
        segment.Note(new Place(first, segment.End, segment.Chain, RecordsLeft: 0));
        Chain = LogFormat.WriteBatchHeader(batch, header, segment.End);
        int end = EncodeRecords(segment, batch, header, records);
        batch[end..].Clear();
        return batch;
    }

    private int EncodeRecords(Segment segment, Span<byte> batch, in BatchHeader header, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        int at = header.RecordsStart;
        uint chain = Chain;
        for (int i = 0; i < records.Count; i++)
        {
            ReadOnlySpan<byte> payload = records[i].Span;
            long position = header.First + i;
            segment.Note(new Place(position, segment.End + at, chain, records.Count - i));
            chain = LogFormat.RecordChecksum(chain, segment.Number, position, payload);
            BinaryPrimitives.WriteInt32LittleEndian(batch[at..], payload.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(batch[(at + 4)..], chain);
            payload.CopyTo(batch[(at + LogFormat.RecordHeaderBytes)..]);
            at += LogFormat.RecordHeaderBytes + payload.Length;
        }

        Chain = chain;
        return at;
    }

    private Span<byte> Rent(int length)
    {
        if (_buffer.Length < length || (_buffer.Length > KeptBufferBytes && length <= KeptBufferBytes))
        {
            _buffer = new byte[Math.Max(length, 4096)];
        }

        return _buffer.AsSpan(0, length);
    }
}
