using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// Walks the versions of a range of keys: key by key upwards, and within a key from the newest downwards. It steps where few
/// versions lie between and seeks where many do, so a key that was overwritten a million times costs a reader one seek.
/// Void as soon as the map is changed, when that is the writer's own.
/// </summary>
internal sealed class VersionCursor
{
    /// <summary>Steps that cost about as much as a seek.</summary>
    private const int MaxSteps = 8;

    private readonly IMapReader _map;
    private readonly byte[] _until;
    private MapCursor _cursor;
    private ReadOnlyMemory<byte> _prefix;
    private bool _isOnEntry;

    public VersionCursor(IMapReader map, KeyRange range)
    {
        (byte[] from, _until) = Layout.Bounds(range);
        _map = map;
        _cursor = map.Seek(from);
        Advance();
    }

    /// <summary>The map key of the version it is on.</summary>
    public ReadOnlyMemory<byte> VersionKey { get; private set; }

    /// <summary>The stored version it is on.</summary>
    public ReadOnlyMemory<byte> Stored => _cursor.Value;

    /// <summary>Whether it is still on a version of the key it was moved to; <see cref="MoveOlder"/> leaves the key behind its oldest.</summary>
    public bool IsOnSameKey =>
        _isOnEntry
        && !_prefix.IsEmpty
        && VersionKey.Length == _prefix.Length + Layout.RevisionSize
        && VersionKey.Span.StartsWith(_prefix.Span);

    public long Revision => Layout.RevisionOf(VersionKey.Span);

    public bool IsTombstone => VersionRecord.IsStoredTombstone(_cursor.Value.Span);

    public ReadOnlyMemory<byte> Key => Layout.KeyOf(VersionKey);

    public VersionRecord Record => VersionRecord.Decode(VersionKey.Span, _cursor.Value);

    /// <summary>Moves to the next key that has a version at or below <paramref name="atRevision"/>, and on the newest such version.</summary>
    public bool MoveNextKey(long atRevision)
    {
        while (SkipRestOfKey())
        {
            _prefix = VersionKey[..^Layout.RevisionSize];
            if (DescendTo(atRevision))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Moves to the next older version of the same key; when there is none only <see cref="MoveNextKey"/> may follow.</summary>
    public bool MoveOlder()
    {
        Advance();
        return IsOnSameKey;
    }

    private bool SkipRestOfKey()
    {
        for (int step = 0; IsOnSameKey; step++)
        {
            if (step == MaxSteps)
            {
                Seek(Layout.PastKey(_prefix.Span));
                break;
            }

            Advance();
        }

        return _isOnEntry && VersionKey.Span.SequenceCompareTo(_until) < 0;
    }

    private bool DescendTo(long revision)
    {
        for (int step = 0; IsOnSameKey; step++)
        {
            if (Revision <= revision)
            {
                return true;
            }

            if (step == MaxSteps)
            {
                Seek(Layout.VersionKey(_prefix.Span, revision));
                return IsOnSameKey;
            }

            Advance();
        }

        return false;
    }

    private void Seek(byte[] from)
    {
        _cursor = _map.Seek(from);
        Advance();
    }

    private void Advance()
    {
        _isOnEntry = _cursor.MoveNext();
        VersionKey = _isOnEntry ? _cursor.Key : default;
    }
}
