using System.Buffers.Binary;

namespace Quorate.Storage;

/// <summary>Reads records back from segments by position, and trusts nothing it reads.</summary>
internal sealed class SegmentReader(int chunkBytes)
{
    private readonly Window _window = new(chunkBytes);

    /// <summary>Reads what is wanted of a segment, whose last position that counts is <paramref name="last"/>.</summary>
    /// <returns><see langword="false"/> when there is enough, or damage behind at least one record.</returns>
    /// <exception cref="CorruptionException">The very first record wanted is not what was written.</exception>
    public bool Read(Segment segment, long last, ReadRequest request)
    {
        if (request.Position > last)
        {
            return true;
        }

        _window.Open(segment.File);
        bool isReadable = segment.TryFind(request.Position, out Place place);
        while (isReadable && request.Position <= last)
        {
            isReadable = TryStep(segment, ref place, request.Position, out ReadOnlySpan<byte> payload, out bool isRecord);
            if (isRecord && !request.TryAdd(payload))
            {
                return false;
            }
        }

        if (!isReadable && !request.HasAny)
        {
            throw new CorruptionException($"Record {request.Position} in {segment.Name} is not what was written.");
        }

        return isReadable;
    }

    /// <summary>Steps over a header or a record; <paramref name="isRecord"/> tells whether it was the one wanted.</summary>
    private bool TryStep(Segment segment, ref Place place, long wanted, out ReadOnlySpan<byte> payload, out bool isRecord)
    {
        payload = default;
        isRecord = false;
        if (place.RecordsLeft == 0)
        {
            return TryEnterBatch(segment, ref place);
        }

        ReadOnlySpan<byte> head = _window.At(place.Offset, LogFormat.RecordHeaderBytes);
        long room = Math.Min(segment.File.Length - place.Offset - LogFormat.RecordHeaderBytes, LogFormat.MaxBatchBytes);
        if (head.Length < LogFormat.RecordHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(head) > room)
        {
            return false;
        }

        int length = LogFormat.RecordHeaderBytes + BinaryPrimitives.ReadInt32LittleEndian(head);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        if (place.Position == wanted)
        {
            ReadOnlySpan<byte> record = _window.At(place.Offset, length);
            if (LogFormat.ReadRecord(record, place.Chain, segment.Number, wanted, out payload, out _) != RecordState.Valid)
            {
                return false;
            }

            isRecord = true;
        }

        long end = place.Offset + length;
        bool isLastOfBatch = place.RecordsLeft == 1;
        place = new Place(place.Position + 1, isLastOfBatch ? LogFormat.Align(end) : end, checksum, place.RecordsLeft - 1);
        return true;
    }

    private bool TryEnterBatch(Segment segment, ref Place place)
    {
        ReadOnlySpan<byte> bytes = _window.At(place.Offset, LogFormat.BatchHeaderBytes);
        if (!LogFormat.TryReadBatchHeader(bytes, segment.Number, place.Offset, segment.File.Length, out BatchHeader header)
            || header.First != place.Position)
        {
            return false;
        }

        place = header.Count == 0
            ? new Place(header.First, place.Offset + header.Length, header.Checksum, 0)
            : new Place(header.First, place.Offset + header.RecordsStart, header.Checksum, header.Count);
        return true;
    }
}

/// <summary>A read that may go on through several segments.</summary>
internal sealed class ReadRequest(long position, int maxBytes, List<ReadOnlyMemory<byte>> into)
{
    private long _bytes;

    /// <summary>The position wanted next.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Whether anything has been read.</summary>
    public bool HasAny { get; private set; }

    /// <summary>Adds a copy of the record, unless it is one too many.</summary>
    public bool TryAdd(ReadOnlySpan<byte> record)
    {
        if (HasAny && _bytes + record.Length > maxBytes)
        {
            return false;
        }

        into.Add(record.ToArray());
        _bytes += record.Length;
        HasAny = true;
        Position++;
        return true;
    }
}
