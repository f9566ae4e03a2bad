namespace Quorate.Storage;

/// <summary>
/// Opens a log: a survey of the headers, a replay of the records, and then a fresh segment into which everything goes that is not
/// proven durable (DESIGN §3, rule 5).
/// </summary>
internal sealed class LogRecovery(SegmentStore store, IRecoveryVisitor visitor)
{
    /// <summary>
    /// A last segment that is filled to less than this part of the usual size is copied whole and recycled; so a node that restarts over
    /// and over does not leave a nearly empty segment behind each time.
    /// </summary>
    private const int NearlyEmptyPart = 4;

    private const int WipeBytes = 1 << 20;

    private readonly BatchScanner _scanner = new();
    private readonly BatchEncoder _encoder = new();

    /// <summary>Recovers the log; the store belongs to it afterwards.</summary>
    public RecoveredLog Run()
    {
        List<Segment> segments = store.Open();
        RecoveryProgress progress = new(visitor, BytesToRead(segments));
        long mark = LogSurvey.Take(segments, _scanner, progress, ignoresMarks: (store.Plants & LogPlants.MarkIgnored) != 0);
        LogReplay replay = new(mark, _scanner, visitor, progress) { TakesTornTail = (store.Plants & LogPlants.TornTail) != 0 };
        replay.Run(segments);
        ReadOnlyMemory<byte> caption = replay.Caption.ToArray();
        visitor.OnEnd(caption, replay.Unspoken);
        Segment? fresh = OpenFresh(segments, replay, mark, caption);
        Segment? captioned = replay.IsCaptionCurrent ? fresh ?? replay.CaptionSegment : null;
        RecordLog log = new(store, segments, fresh ?? GoOnInPlace(replay), captioned, replay.Last);
        return new RecoveredLog(log, caption, replay.CaptionPosition, replay.Damage, replay.TornBytes);
    }

    private static long BytesToRead(List<Segment> segments)
    {
        long bytes = 0;
        foreach (Segment segment in segments)
        {
            bytes += segment.File.Length;
        }

        // Headers are surveyed first, then everything is read.
        return 2 * bytes;
    }

    /// <summary>Puts a fresh segment behind the others; none when the disk is full.</summary>
    private Segment? OpenFresh(List<Segment> segments, LogReplay replay, long mark, ReadOnlyMemory<byte> caption)
    {
        Source source = ChooseSource(segments, replay);
        SpareFile file;
        try
        {
            long room = source.Bytes + LogFormat.BatchHeaderBytes + LogFormat.Align(caption.Length);
            file = store.Take(room);
        }
        catch (DiskFullException)
        {
            RewriteInPlace(replay);
            return null;
        }

        Segment fresh = store.Begin(file, source.First);
        Copy(source, fresh, mark);
        Mark(fresh, replay, caption);
        store.Publish(fresh);
        segments.Add(fresh);
        if (replay.LastLost < fresh.First)
        {
            RetireSuperseded(segments);
        }

        return fresh;
    }

    private Source ChooseSource(List<Segment> segments, LogReplay replay)
    {
        Segment? last = segments.Count > 0 ? segments[^1] : null;
        if (last is not null && last.HasHeader && replay.LastLost < last.First && last.End <= store.SegmentBytes / NearlyEmptyPart)
        {
            return new Source(last, LogFormat.SegmentHeaderBytes, last.First, replay.Last, last.End);
        }

        return replay.TailSegment is { } tail
            ? new Source(tail, replay.TailOffset, replay.TailFirst, replay.TailLast, tail.End - replay.TailOffset)
            : new Source(null, 0, replay.Last + 1, replay.Last, 0);
    }

    /// <summary>
    /// What is not proven durable is written once more where it stands, with the same bytes, so that no tear can hurt it, and flushed: a
    /// node whose disk is full must start and serve reads.
    /// </summary>
    private void RewriteInPlace(LogReplay replay)
    {
        if (replay.TailSegment is { } tail)
        {
            RewriteInPlace(tail);
        }

        // The newest caption may stand in a batch without records, of which nothing proves that it was flushed.
        if (replay.CaptionSegment is { } captioned && captioned != replay.TailSegment)
        {
            RewriteInPlace(captioned);
        }
    }

    private void RewriteInPlace(Segment segment)
    {
        _scanner.Open(segment, LogFormat.SegmentHeaderBytes);
        while (_scanner.MoveNext())
        {
            segment.File.Write(_scanner.Offset, _scanner.Batch);
        }

        segment.File.Flush();
    }

    /// <summary>
    /// The disk is full: what the last segment has room for, the new boot number first of all, goes behind its last batch. Whatever a torn
    /// write left there is wiped before, so that it can never pass for a part of what comes now.
    /// </summary>
    private static Segment? GoOnInPlace(LogReplay replay)
    {
        if (replay.Damage is not null || replay.EndSegment is not { } last || replay.EndChain is not { } chain)
        {
            return null;
        }

        byte[] zeros = new byte[WipeBytes];
        for (long offset = replay.EndOffset; offset < last.File.Length; offset += WipeBytes)
        {
            last.File.Write(offset, zeros.AsSpan(0, (int)Math.Min(WipeBytes, last.File.Length - offset)));
        }

        last.File.Flush();
        (last.End, last.Chain) = (replay.EndOffset, chain);
        return last;
    }

    private void Copy(Source source, Segment fresh, long mark)
    {
        if (source.Segment is null)
        {
            return;
        }

        long due = source.First;
        List<ReadOnlyMemory<byte>> records = [];
        _scanner.Open(source.Segment, source.Offset);
        while (due <= source.Last && _scanner.MoveNext())
        {
            BatchHeader header = _scanner.Header;
            if (header.Count == 0)
            {
                continue;
            }

            ReadOnlyMemory<byte>? caption = Load(header, due, records);
            int length = BatchEncoder.Measure(caption, records);
            fresh.Append(_encoder, length, due, Math.Min(mark, due - 1), caption, records);
            due += header.Count;
        }

        fresh.File.Flush();
    }

    /// <summary>Takes a batch of the source into memory, which the replay found whole a moment ago.</summary>
    private ReadOnlyMemory<byte>? Load(in BatchHeader header, long due, List<ReadOnlyMemory<byte>> records)
    {
        byte[] batch = _scanner.Batch.ToArray();
        if (header.First != due || !BatchReader.AreRecordsWhole(batch, header))
        {
            throw new DiskFailedException($"The disk gave different bytes for record {due} when it was asked twice.");
        }

        records.Clear();
        BatchReader reader = new(batch, header);
        while (reader.MoveNext())
        {
            records.Add(batch.AsMemory(reader.Offset + LogFormat.RecordHeaderBytes, reader.Payload.Length));
        }

        // A damaged caption below the mark has cost no record: it was replaced by later ones.
        return header.CaptionLength < 0 || !BatchReader.IsCaptionWhole(batch, header)
            ? default(ReadOnlyMemory<byte>?)
            : batch.AsMemory(LogFormat.BatchHeaderBytes, header.CaptionLength);
    }

    /// <summary>
    /// Says that all is durable now. A caption that does not speak of the last record, because a later one was lost, is not repeated: it
    /// would pass for the newest.
    /// </summary>
    private void Mark(Segment fresh, LogReplay replay, ReadOnlyMemory<byte> caption)
    {
        ReadOnlyMemory<byte>? current = replay.IsCaptionCurrent ? caption : default(ReadOnlyMemory<byte>?);
        int length = BatchEncoder.Measure(current, []);
        fresh.Append(_encoder, length, replay.Last + 1, replay.Last, current, []);
        fresh.File.Flush();
    }

    /// <summary>Recycles what the fresh segment has taken over whole, once its name is durable.</summary>
    private void RetireSuperseded(List<Segment> segments)
    {
        long first = segments[^1].First;
        while (segments.Count > 1 && segments[^2].First >= first && segments[^2].HasHeader)
        {
            Segment superseded = segments[^2];
            segments.RemoveAt(segments.Count - 2);
            store.Retire(superseded);
        }
    }

    /// <summary>What goes into the fresh segment.</summary>
    private readonly record struct Source(Segment? Segment, long Offset, long First, long Last, long Bytes);
}
