namespace Quorate.Storage;

/// <summary>The sizes of a log.</summary>
public sealed record RecordLogOptions
{
    /// <summary>The least size of a segment, in bytes.</summary>
    public const long MinSegmentBytes = 512;

    private readonly long _segmentBytes = 64 << 20;

    /// <summary>Size of a segment in bytes, a multiple of 8; at least <see cref="MinSegmentBytes"/>, 64 MiB by default. A batch that does not fit gets a larger one of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is smaller, or no multiple of 8.</exception>
    public long SegmentBytes
    {
        get => _segmentBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, MinSegmentBytes);
            ArgumentOutOfRangeException.ThrowIfNotEqual(value % LogFormat.Alignment, 0);
            _segmentBytes = value;
        }
    }

    /// <summary>Bugs to switch on, so that the simulator can prove that it finds them. None in production.</summary>
    internal LogPlants Plants { get; init; }
}
