namespace Quorate.Storage;

/// <summary>
/// Builds an ordered map from keys that come in ascending order, without searching: every leaf but the last is full.
/// </summary>
public sealed class OrderedMapBuilder
{
    private const long Generation = 1;

    // The branch on each level above the leaves that still takes children: always the last of its level.
    private readonly List<MapBranch> _open = [];
    private MapLeaf _leaf = MapLeaf.WithFullRoom(Generation);
    private MapNode _root;
    private MapEntry _last;
    private long _logicalBytes;
    private bool _isBuilt;

    /// <summary>Makes an empty builder.</summary>
    public OrderedMapBuilder()
    {
        _root = _leaf;
    }

    /// <summary>How many entries were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an entry; key and value are copied.</summary>
    /// <exception cref="ArgumentException">The key is not above the one before.</exception>
    /// <exception cref="InvalidOperationException">The map has been built.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ThrowIfBuilt();
        if (!_last.IsNone && _last.Key.SequenceCompareTo(key) >= 0)
        {
            throw new ArgumentException("A key must be above the one before it.", nameof(key));
        }

        MapEntry entry = MapEntry.Of(key, value, []);
        if (_leaf.IsFull)
        {
            _leaf = MapLeaf.WithFullRoom(Generation);
            _leaf.Insert(0, entry);
            AddNode(0, MapEntry.Between(_last.Key, key), _leaf);
        }
        else
        {
            _leaf.Insert(_leaf.Count, entry);
        }

        _last = entry;
        _logicalBytes += entry.LogicalBytes;
        Count++;
    }

    /// <summary>The map of everything that was added. The builder is used up.</summary>
    /// <exception cref="InvalidOperationException">The map has been built.</exception>
    public OrderedMap Build()
    {
        ThrowIfBuilt();
        _isBuilt = true;
        return new OrderedMap(_root, Generation, Count, _logicalBytes);
    }

    private void AddNode(int level, MapEntry bound, MapNode node)
    {
        if (level == _open.Count)
        {
            MapBranch top = new(Generation);
            top.Insert(0, _root.LowBound(), _root);
            _open.Add(top);
            _root = top;
        }

        MapBranch branch = _open[level];
        if (!branch.IsFull)
        {
            branch.Insert(branch.Count, bound, node);
            return;
        }

        MapBranch next = new(Generation);
        next.Insert(0, bound, node);
        _open[level] = next;
        AddNode(level + 1, bound, next);
    }

    private void ThrowIfBuilt()
    {
        if (_isBuilt)
        {
            throw new InvalidOperationException("The map has been built.");
        }
    }
}
