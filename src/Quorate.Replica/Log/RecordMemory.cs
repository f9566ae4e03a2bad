namespace Quorate.Replica;

/// <summary>
/// The memory that the records of the newest entries lie in: taken in the order of their positions and let go of in the same
/// order, so that a few chunks go round for ever. As arrays of their own, records would live just long enough for the
/// collector to move them to its oldest generation, and die there: a fifth of the memory of a loaded node was such records.
/// </summary>
internal sealed class RecordMemory(int chunkBytes)
{
    /// <summary>Chunks kept for what comes next; what a burst took beyond them goes back to the collector.</summary>
    private const int MaxSpares = 2;

    private readonly Queue<Chunk> _chunks = new();
    private readonly Stack<byte[]> _spares = new();
    private Chunk? _filling;

    /// <summary>Takes memory, whose content is not defined, for the record at <paramref name="position"/>, which is above all before.</summary>
    public Memory<byte> Take(int bytes, long position)
    {
        if (_filling is null || _filling.Bytes.Length - _filling.Filled < bytes)
        {
            _filling = new Chunk(bytes <= chunkBytes && _spares.TryPop(out byte[]? spare) ? spare : new byte[Math.Max(bytes, chunkBytes)]);
            _chunks.Enqueue(_filling);
        }

        Memory<byte> taken = _filling.Bytes.AsMemory(_filling.Filled, bytes);
        _filling.Filled += bytes;
        _filling.LastPosition = position;
        return taken;
    }

    /// <summary>Nobody looks at the records up to <paramref name="position"/> any more.</summary>
    public void Release(long position)
    {
        while (_chunks.TryPeek(out Chunk? oldest) && oldest.LastPosition <= position)
        {
            _chunks.Dequeue();
            _filling = oldest == _filling ? null : _filling;
            if (oldest.Bytes.Length == chunkBytes && _spares.Count < MaxSpares)
            {
                _spares.Push(oldest.Bytes);
            }
        }
    }

    private sealed class Chunk(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public int Filled { get; set; }

        public long LastPosition { get; set; }
    }
}
