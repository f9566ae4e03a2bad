namespace Quorate.Storage;

/// <summary>
/// Takes a snapshot file from a peer in chunks, writes it aside, and lets it stand under its final name only when every byte
/// of it is proven.
/// </summary>
public sealed class SnapshotReceiver : IDisposable
{
    private readonly IDisk _disk;
    private readonly AsideFile _file;

    private bool _isFailed;

    /// <summary>Creates the file aside.</summary>
    /// <param name="disk">Where it is written.</param>
    /// <param name="index">The index of the snapshot, which its head must confirm.</param>
    /// <param name="length">The length of the file, in bytes; not one more is taken.</param>
    public SnapshotReceiver(IDisk disk, ulong index, long length)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _disk = disk;
        Index = index;
        Length = length;
        _file = new AsideFile(disk, SnapshotFiles.ReceivingNameOf(index));
    }

    /// <summary>The index of the snapshot.</summary>
    public ulong Index { get; }

    /// <summary>How long the file is going to be.</summary>
    public long Length { get; }

    /// <summary>How much of it has come: the offset at which the next chunk must begin.</summary>
    public long Received => _file.Length;

    /// <summary>Whether all of it has come.</summary>
    public bool IsComplete => Received == Length;

    /// <summary>Whether it stands under its final name and is durable.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Takes a chunk.</summary>
    /// <returns><see langword="false"/>, and nothing has changed, when it does not begin at <see cref="Received"/> or ends behind <see cref="Length"/>.</returns>
    /// <exception cref="DiskFullException">There is no space; dispose of the receiver, which deletes what it wrote.</exception>
    /// <exception cref="DiskFailedException">The disk failed: the node must stop.</exception>
    public bool TryWrite(long offset, ReadOnlySpan<byte> chunk)
    {
        ThrowIfOver();
        if (offset != Received || chunk.Length > Length - Received)
        {
            return false;
        }

        _isFailed = true;
        _file.Append(chunk);
        _isFailed = false;
        return true;
    }

    /// <summary>Flushes and proves the whole file and gives it its final name.</summary>
    /// <exception cref="CorruptionException">It is not a whole snapshot of this index; dispose of the receiver and fetch it anew.</exception>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public void Finish()
    {
        ThrowIfOver();
        if (!IsComplete)
        {
            throw new InvalidOperationException($"Only {Received} of {Length} bytes have come.");
        }

        _isFailed = true;
        _file.Flush();
        using (SnapshotReader reader = SnapshotReader.Open(_disk, SnapshotFiles.ReceivingNameOf(Index)))
        {
            reader.Verify();
            if (reader.Index != Index)
            {
                throw new CorruptionException($"A snapshot at index {Index} was announced, and the one that came is at {reader.Index}.");
            }
        }

        _file.RenameTo(SnapshotFiles.NameOf(Index));
        IsFinished = true;
        _isFailed = false;
    }

    /// <summary>Gives up unless finished, and deletes what has come.</summary>
    public void Dispose() => _file.Dispose();

    private void ThrowIfOver()
    {
        if (_isFailed || IsFinished)
        {
            throw new InvalidOperationException("A snapshot that failed or is finished takes nothing more.");
        }
    }
}
