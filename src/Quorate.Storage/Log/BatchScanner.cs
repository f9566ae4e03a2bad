using System.Runtime.InteropServices;

namespace Quorate.Storage;

/// <summary>Walks the batches of a segment; where no valid header stands it searches on for the next one.</summary>
internal sealed class BatchScanner
{
    private const int ChunkBytes = 1 << 20;

    private readonly Window _window = new(ChunkBytes);
    private Segment? _segment;
    private long _next;

    /// <summary>The header it is on.</summary>
    public BatchHeader Header { get; private set; }

    /// <summary>Where that header begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether it begins just where the one before it ends.</summary>
    public bool IsAdjacent { get; private set; }

    /// <summary>The whole batch, valid until the scanner moves.</summary>
    public ReadOnlySpan<byte> Batch
    {
        get
        {
            ReadOnlySpan<byte> bytes = _window.At(Offset, Header.Length);
            return bytes[..Math.Min(Header.Length, bytes.Length)];
        }
    }

    /// <summary>Turns to a segment; the first batch sought is at or behind <paramref name="offset"/>.</summary>
    public void Open(Segment segment, long offset)
    {
        _segment = segment;
        _next = offset;
        _window.Open(segment.File);
    }

    /// <summary>Moves to the next batch.</summary>
    /// <returns><see langword="false"/> when there is none up to the end of the segment.</returns>
    public bool MoveNext()
    {
        long due = _next;
        while (TryFindMagic(ref _next))
        {
            ReadOnlySpan<byte> bytes = _window.At(_next, LogFormat.BatchHeaderBytes);
            if (LogFormat.TryReadBatchHeader(bytes, _segment!.Number, _next, _segment.File.Length, out BatchHeader header))
            {
                Header = header;
                Offset = _next;
                IsAdjacent = Offset == due;
                _next += header.Length;
                return true;
            }

            _next += LogFormat.Alignment;
        }

        return false;
    }

    private bool TryFindMagic(ref long offset)
    {
        while (true)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(_window.At(offset, LogFormat.Alignment));
            if (words.IsEmpty)
            {
                return false;
            }

            int found = words.IndexOf(LogFormat.BatchMagic);
            if (found >= 0)
            {
                offset += (long)found * LogFormat.Alignment;
                return true;
            }

            offset += (long)words.Length * LogFormat.Alignment;
        }
    }
}
