namespace Quorate.Storage;

/// <summary>
/// The second pass of recovery: with the highest durable mark known, it verifies every batch in order, hands the records to the
/// visitor and decides for every anomaly whether it is corruption or the torn end.
/// </summary>
internal sealed class LogReplay(long mark, BatchScanner scanner, IRecoveryVisitor visitor, RecoveryProgress progress)
{
    private long _due;
    private byte[] _caption = [];
    private int _captionLength;
    private string _captionFault = string.Empty;

    /// <summary>The position of the last record that counts, readable or not.</summary>
    public long Last => _due - 1;

    /// <summary>A planted bug: what was torn is not cut.</summary>
    public bool TakesTornTail { get; init; }

    /// <summary>The lowest stretch of unreadable positions.</summary>
    public LogDamage? Damage { get; private set; }

    /// <summary>The last position that is known to be unreadable; 0 if none is.</summary>
    public long LastLost { get; private set; }

    /// <summary>Bytes of the torn end as far as headers of it could be found.</summary>
    public long TornBytes { get; private set; }

    /// <summary>The position as of which <see cref="Caption"/> speaks.</summary>
    public long CaptionPosition { get; private set; }

    /// <summary>The caption of the newest header that counts.</summary>
    public ReadOnlyMemory<byte> Caption => _caption.AsMemory(0, _captionLength);

    /// <summary>The segment that <see cref="Caption"/> stands in; <see langword="null"/> when there was none.</summary>
    public Segment? CaptionSegment { get; private set; }

    /// <summary>Whether the caption speaks of the last record, so that nothing it should know of was lost.</summary>
    public bool IsCaptionCurrent => CaptionSegment is not null && CaptionPosition == Last;

    /// <summary>The last records, if the caption does not speak of them.</summary>
    public LogDamage? Unspoken => CaptionPosition == Last
        ? null
        : new LogDamage(CaptionPosition + 1, Last, _captionFault.Length > 0 ? _captionFault : Damage?.Reason ?? "no header with a caption is left");

    /// <summary>The segment that holds records above the mark, or <see langword="null"/>.</summary>
    public Segment? TailSegment { get; private set; }

    /// <summary>Where the first batch above the mark begins in <see cref="TailSegment"/>.</summary>
    public long TailOffset { get; private set; }

    /// <summary>The position of the first record of that batch.</summary>
    public long TailFirst { get; private set; }

    /// <summary>The position of the last record above the mark that is there; unreadable segments may come behind it.</summary>
    public long TailLast { get; private set; }

    /// <summary>The last segment, if nothing but the torn end can lie behind what was found in it.</summary>
    public Segment? EndSegment { get; private set; }

    /// <summary>Where the last batch that counts ends in <see cref="EndSegment"/>.</summary>
    public long EndOffset { get; private set; }

    /// <summary>The checksum of that batch; <see langword="null"/> when it is damaged.</summary>
    public uint? EndChain { get; private set; }

    /// <summary>Replays all segments.</summary>
    public void Run(IReadOnlyList<Segment> segments)
    {
        _due = segments.Count > 0 && segments[0].IsPlaced ? segments[0].First : 1;
        for (int i = 0; i < segments.Count; i++)
        {
            Segment segment = segments[i];
            if (segment.IsPlaced)
            {
                SkipTo(segment.First, $"{segment.Name} begins at position {segment.First}, and nothing before it holds what comes earlier");
                bool isFollowed = i + 1 < segments.Count && segments[i + 1].IsPlaced;
                Replay(segment, isFollowed ? segments[i + 1].First : long.MaxValue);
                EndSegment = segment;
            }

            progress.Finish(segment.File.Length);
        }

        SkipTo(mark + 1, $"a header says that everything up to position {mark} was durable");
        PlaceUnreadable(segments);
    }

    private void Replay(Segment segment, long limit)
    {
        uint? chain = segment.HasHeader ? segment.Chain : null;
        long end = LogFormat.SegmentHeaderBytes;
        (EndOffset, EndChain) = (end, chain);
        scanner.Open(segment, end);
        while (scanner.MoveNext())
        {
            BatchHeader header = scanner.Header;
            if (header.Last >= limit)
            {
                return;
            }

            if (header.First < _due)
            {
                // Positions of one segment only rise: what goes back was not written by this program.
                continue;
            }

            bool isChained = !scanner.IsAdjacent || chain is null || chain == header.Chain;
            if (!TryReach(segment, header, isChained))
            {
                TornBytes += limit == long.MaxValue ? segment.End - end : 0;
                return;
            }

            bool isResumed = !scanner.IsAdjacent || chain is null;
            chain = isChained ? Deliver(segment, header, isResumed) : SkipUnchained(segment, header);
            end = scanner.Offset + header.Length;
            (EndOffset, EndChain) = (end, chain);
            progress.At(end);
        }
    }

    /// <summary>Accounts for what is missing before a batch, and asks of a batch above the mark that it is whole.</summary>
    /// <returns><see langword="false"/> if the log ends here.</returns>
    private bool TryReach(Segment segment, in BatchHeader header, bool isChained)
    {
        if (header.First > _due)
        {
            SkipTo(Math.Min(header.First, mark + 1), $"no valid batch in {segment.Name} before offset {scanner.Offset}");
        }

        if (header.First > _due)
        {
            return false;
        }

        if (header.Count == 0 || header.Last <= mark)
        {
            return true;
        }

        bool isWhole = BatchReader.IsCaptionWhole(scanner.Batch, header) && BatchReader.AreRecordsWhole(scanner.Batch, header);
        if (!isChained || !(isWhole || TakesTornTail))
        {
            return false;
        }

        if (TailSegment is null)
        {
            (TailSegment, TailOffset, TailFirst) = (segment, scanner.Offset, header.First);
        }

        TailLast = header.Last;
        return true;
    }

    /// <summary>Hands the readable records of a batch to the visitor.</summary>
    /// <returns>The checksum to which the next batch chains, if it is known.</returns>
    private uint? Deliver(Segment segment, in BatchHeader header, bool isResumed)
    {
        ReadOnlySpan<byte> batch = scanner.Batch;
        KeepCaption(segment, batch, header);
        segment.Note(new Place(header.First, scanner.Offset, header.Chain, RecordsLeft: 0), isResumed);
        isResumed = false;
        BatchReader reader = new(batch, header);
        while (reader.MoveNext())
        {
            if (reader.State == RecordState.Valid)
            {
                segment.Note(new Place(reader.Position, scanner.Offset + reader.Offset, reader.ChainBefore, reader.RecordsLeft), isResumed);
                visitor.OnRecord(reader.Position, reader.Payload);
                isResumed = false;
                continue;
            }

            isResumed = true;
            long last = reader.State == RecordState.Lost ? header.Last : reader.Position;
            Report(reader.Position, last, $"wrong checksum or length in {segment.Name} at offset {scanner.Offset + reader.Offset}");
        }

        _due = header.Last + 1;
        return reader.IsIntact ? reader.ChainAfter : null;
    }

    private uint? SkipUnchained(Segment segment, in BatchHeader header)
    {
        SkipTo(header.Last + 1, $"the batch in {segment.Name} at offset {scanner.Offset} does not continue the one before it");
        return null;
    }

    private void KeepCaption(Segment segment, ReadOnlySpan<byte> batch, in BatchHeader header)
    {
        if (header.CaptionLength < 0)
        {
            return;
        }

        if (!BatchReader.IsCaptionWhole(batch, header))
        {
            _captionFault = $"wrong checksum of the caption in {segment.Name} at offset {scanner.Offset}";
            return;
        }

        ReadOnlySpan<byte> caption = BatchReader.Caption(batch, header);
        if (_caption.Length < caption.Length)
        {
            _caption = new byte[Math.Max(caption.Length, 256)];
        }

        caption.CopyTo(_caption);
        _captionLength = caption.Length;
        CaptionPosition = header.Last;
        CaptionSegment = segment;
    }

    /// <summary>
    /// Segments at the end in which nothing is readable: their heads were durable before they had their names, so this is corruption. It
    /// is given one position, so that later recoveries still find a hole here and not an end.
    /// </summary>
    private void PlaceUnreadable(IReadOnlyList<Segment> segments)
    {
        long first = _due;
        foreach (Segment segment in segments)
        {
            if (!segment.IsPlaced)
            {
                segment.First = first;
                SkipTo(first + 1, $"nothing in {segment.Name} is readable");
            }
        }
    }

    /// <summary>Everything from the position that is due up to the one before <paramref name="position"/> is missing.</summary>
    private void SkipTo(long position, string reason)
    {
        if (position > _due)
        {
            Report(_due, position - 1, reason);
            _due = position;
        }
    }

    private void Report(long first, long last, string reason)
    {
        LogDamage stretch = new(first, last, reason);
        visitor.OnLost(stretch);
        LastLost = last;
        if (Damage is null)
        {
            Damage = stretch;
        }
        else if (first == Damage.Last + 1)
        {
            Damage = Damage with { Last = last };
        }
    }
}
