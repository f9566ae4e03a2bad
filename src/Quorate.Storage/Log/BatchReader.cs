using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>Walks the records of one batch that is in memory; a damaged record does not hide those behind it.</summary>
internal ref struct BatchReader
{
    private readonly ReadOnlySpan<byte> _batch;
    private readonly BatchHeader _header;
    private int _next;
    private int _index;

    public BatchReader(ReadOnlySpan<byte> batch, in BatchHeader header)
    {
        _batch = batch;
        _header = header;
        _next = header.RecordsStart;
        _index = -1;
        ChainAfter = header.Checksum;
        IsIntact = true;
    }

    public RecordState State { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Where the record begins, counted from the header of its batch.</summary>
    public int Offset { get; private set; }

    /// <summary>The checksum the record chains to.</summary>
    public uint ChainBefore { get; private set; }

    /// <summary>The checksum that what follows chains to.</summary>
    public uint ChainAfter { get; private set; }

    /// <summary>Whether all records so far were valid.</summary>
    public bool IsIntact { get; private set; }

    public readonly long Position => _header.First + _index;

    /// <summary>How many records begin here or later.</summary>
    public readonly int RecordsLeft => _header.Count - _index;

    /// <summary>Whether the caption of a batch, if it has one, is what was written.</summary>
    public static bool IsCaptionWhole(ReadOnlySpan<byte> batch, in BatchHeader header) =>
        header.CaptionLength < 0 || Crc32C.Of(Crc32C.Seed, Caption(batch, header)) == header.CaptionChecksum;

    /// <summary>The caption of a batch, whole or not.</summary>
    public static ReadOnlySpan<byte> Caption(ReadOnlySpan<byte> batch, in BatchHeader header) =>
        batch.Slice(LogFormat.BatchHeaderBytes, Math.Max(header.CaptionLength, 0));

    /// <summary>Whether all records of a batch are what was written.</summary>
    public static bool AreRecordsWhole(ReadOnlySpan<byte> batch, in BatchHeader header)
    {
        BatchReader reader = new(batch, header);
        while (reader.MoveNext())
        {
            if (reader.State != RecordState.Valid)
            {
                return false;
            }
        }

        return true;
    }

    public bool MoveNext()
    {
        if (State == RecordState.Lost || _index + 1 >= _header.Count)
        {
            return false;
        }

        _index++;
        Offset = _next;
        ChainBefore = ChainAfter;
        State = LogFormat.ReadRecord(_batch[_next..], ChainBefore, _header.Segment, Position, out ReadOnlySpan<byte> payload, out uint checksum);
        Payload = payload;
        ChainAfter = checksum;
        IsIntact &= State == RecordState.Valid;
        _next += LogFormat.RecordHeaderBytes + payload.Length;
        return true;
    }
}
