namespace Quorate.Storage;

/// <summary>One segment of the log: a file, what is known of it, and a sparse index of places in it.</summary>
internal sealed class Segment(ulong number, string name, IDiskFile file)
{
    /// <summary>Bytes between two places of the index: a read passes over at most so much before it finds its record.</summary>
    private const int IndexSpacingBytes = 64 << 10;

    private readonly List<Place> _index = [];

    public ulong Number { get; } = number;

    public string Name { get; set; } = name;

    public IDiskFile File { get; } = file;

    /// <summary>Whether the head of the file was readable.</summary>
    public bool HasHeader { get; init; }

    /// <summary>Whether it is known where in the log it belongs.</summary>
    public bool IsPlaced => First > 0;

    /// <summary>The first position that may stand in it; 0 while unknown.</summary>
    public long First { get; set; }

    /// <summary>Where the next batch goes, or behind the last one that was found.</summary>
    public long End { get; set; } = LogFormat.SegmentHeaderBytes;

    /// <summary>The checksum of what was written last; at first that of the head.</summary>
    public uint Chain { get; set; }

    /// <summary>Writes the batch that <paramref name="encoder"/> lays out behind the last one.</summary>
    public void Append(
        BatchEncoder encoder,
        int length,
        long first,
        long mark,
        ReadOnlyMemory<byte>? caption,
        IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        File.Write(End, encoder.Encode(this, length, first, mark, caption, records));
        End += length;
        Chain = encoder.Chain;
    }

    /// <summary>Whether a batch of so many bytes still fits.</summary>
    public bool Fits(long bytes) => End + bytes <= File.Length;

    /// <summary>Notes a place, if the last one noted is far enough away or damage lies before it, which no read gets past.</summary>
    public void Note(in Place place, bool isBehindDamage = false)
    {
        if (isBehindDamage || _index.Count == 0 || place.Offset - _index[^1].Offset >= IndexSpacingBytes)
        {
            _index.Add(place);
        }
    }

    /// <summary>The last noted place at or before <paramref name="position"/>.</summary>
    public bool TryFind(long position, out Place place)
    {
        int low = 0;
        int high = _index.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_index[middle].Position <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        place = low == 0 ? default : _index[low - 1];
        return low > 0;
    }
}
