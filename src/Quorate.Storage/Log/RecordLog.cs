namespace Quorate.Storage;

/// <summary>The log of records over the files of an <see cref="IDisk"/>; <see cref="LogFormat"/> tells how it lies there.</summary>
public sealed class RecordLog : IRecordLog
{
    private const int ReadChunkBytes = 64 << 10;

    private readonly SegmentStore _store;
    private readonly List<Segment> _segments;
    private readonly BatchEncoder _encoder = new();
    private readonly SegmentReader _reader = new(ReadChunkBytes);
    private Segment? _active;
    private Segment? _captioned;
    private bool _isUnflushed;
    private bool _isDead;
    private long _marked;

    internal RecordLog(SegmentStore store, List<Segment> segments, Segment? active, Segment? captioned, long last)
    {
        _store = store;
        _segments = segments;
        _active = active;
        _captioned = captioned;
        LastPosition = last;
        DurablePosition = last;
        _marked = last;
    }

    /// <inheritdoc/>
    public long LastPosition { get; private set; }

    /// <inheritdoc/>
    public long DurablePosition { get; private set; }

    /// <inheritdoc/>
    public long FirstPosition => _segments.Count == 0 ? LastPosition + 1 : Math.Min(_segments[0].First, LastPosition + 1);

    /// <inheritdoc/>
    public long DiskBytes
    {
        get
        {
            long bytes = _store.SpareBytes;
            foreach (Segment segment in _segments)
            {
                bytes += segment.File.Length;
            }

            return bytes;
        }
    }

    /// <summary>
    /// Whether no segment is allocated ahead: the driver calls <see cref="AllocateSpare"/> when it has nothing else to do, so that no batch
    /// waits for it, and takes a failure as the sign that the disk is getting full while there is still room to write.
    /// </summary>
    public bool NeedsSpare => !_store.HasSpare;

    /// <summary>
    /// Whether all records are durable but no header says so yet: an idle driver then writes a batch without records and flushes it, so
    /// that damage to the last records is known for what it is.
    /// </summary>
    public bool NeedsMark => DurablePosition == LastPosition && _marked < LastPosition;

    /// <summary>Opens the log of a directory, or begins one in an empty directory, and hands all records that can be read to <paramref name="visitor"/>.</summary>
    /// <param name="disk">The directory; files that are not the log's are left alone.</param>
    /// <param name="options">The sizes.</param>
    /// <param name="visitor">Takes the records, before they are durable again: nothing may be said to anyone before this call returns.</param>
    /// <returns>The log. When the disk is full it takes what its last segment still has room for, and refuses writes beyond that until there is space.</returns>
    /// <exception cref="DiskFailedException">The disk failed.</exception>
    /// <exception cref="NotSupportedException">A later version of the program wrote the log.</exception>
    public static RecoveredLog Recover(IDisk disk, RecordLogOptions options, IRecoveryVisitor visitor)
    {
        SegmentStore store = new(disk, options);
        try
        {
            return new LogRecovery(store, visitor).Run();
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Allocates the next segment ahead of need; does nothing unless <see cref="NeedsSpare"/>.</summary>
    /// <exception cref="DiskFullException">There is no space; the log is as before, and this may be tried again.</exception>
    /// <exception cref="DiskFailedException">The disk failed: the node must stop.</exception>
    public void AllocateSpare()
    {
        ThrowIfDead();
        if (NeedsSpare)
        {
            _store.AllocateSpare();
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlyMemory<byte> caption, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        ThrowIfDead();
        int length = BatchEncoder.Measure(caption, records);
        if (_active is null || !_active.Fits(length))
        {
            SpareFile file = _store.Take(length);
            _isDead = true;
            SwitchTo(file);
        }

        // The log is dead until the disk has done what it was asked: an exception leaves it so.
        _isDead = true;
        _active!.Append(_encoder, length, LastPosition + 1, DurablePosition, caption, records);
        _isDead = false;
        LastPosition += records.Count;
        _marked = DurablePosition;
        _isUnflushed = true;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        ThrowIfDead();
        if (_isUnflushed)
        {
            _isDead = true;
            FlushActive();
            _isDead = false;
        }
    }

    /// <inheritdoc/>
    public void TrimBefore(long position)
    {
        ThrowIfDead();

        // The newest flushed caption must survive, and what was written since may not: its segment and all later ones stay.
        while (_segments.Count > 1 && _captioned is not null && _segments[0] != _captioned && _segments[1].First <= position)
        {
            Segment oldest = _segments[0];
            _segments.RemoveAt(0);
            _isDead = true;
            _store.Retire(oldest);
            _isDead = false;
        }
    }

    /// <inheritdoc/>
    public void Read(long position, int maxBytes, List<ReadOnlyMemory<byte>> into)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, FirstPosition);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, LastPosition);
        int index = _segments.Count - 1;
        while (_segments[index].First > position)
        {
            index--;
        }

        ReadRequest request = new(position, maxBytes, into);
        bool goesOn = true;
        for (; goesOn && index < _segments.Count && request.Position <= LastPosition; index++)
        {
            long last = index + 1 < _segments.Count ? _segments[index + 1].First - 1 : LastPosition;
            goesOn = _reader.Read(_segments[index], last, request);
        }
    }

    /// <summary>Closes the files. What was not flushed may be lost.</summary>
    public void Dispose()
    {
        _isDead = true;
        _segments.Clear();
        _store.Dispose();
    }

    private void SwitchTo(SpareFile file)
    {
        if (_isUnflushed)
        {
            FlushActive();
        }

        Segment next = _store.Begin(file, LastPosition + 1);
        _store.Publish(next);
        _segments.Add(next);
        _active = next;
    }

    private void FlushActive()
    {
        if ((_store.Plants & LogPlants.FlushSkipped) == 0)
        {
            _active!.File.Flush();
        }

        _isUnflushed = false;
        _captioned = _active;
        DurablePosition = LastPosition;
    }

    private void ThrowIfDead()
    {
        if (_isDead)
        {
            throw new DiskFailedException("The log is closed, or the disk has failed under it; what it holds is found out by the next start.");
        }
    }
}
