namespace Quorate.Storage;

/// <summary>
/// The ordered map in managed memory: a copy-on-write B+tree. What the running batch made it changes in place; what a
/// published version can see it copies first, once in a batch. The collector reclaims what no version holds any more.
/// </summary>
/// <remarks>
/// One writer, which need not be the same thread always. Published versions may be read by any number of threads while the
/// writer goes on: everything they reach was written before the version existed and is never written again.
/// </remarks>
public sealed class OrderedMap : IOrderedMap
{
    private MapNode _root;
    private long _generation = 1;
    private MapVersion? _published;

    /// <summary>Makes an empty map.</summary>
    public OrderedMap()
    {
        _root = new MapLeaf(_generation);
    }

    internal OrderedMap(MapNode root, long generation, long count, long logicalBytes)
    {
        _root = root;
        _generation = generation;
        Count = count;
        LogicalBytes = logicalBytes;
    }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public long LogicalBytes { get; private set; }

    /// <summary>How often the map was changed; a cursor over the writer's view is void once this moves.</summary>
    internal long Changes { get; private set; }

    /// <summary>The topmost node, for tests of the shape.</summary>
    internal MapNode Root => _root;

    /// <inheritdoc/>
    public bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Set(key, value, []);

    /// <inheritdoc/>
    public bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail)
    {
        MapEntry entry = MapEntry.Of(key, valueHead, valueTail);
        OwnRoot();
        if (MapTree.Set(_root, entry, out MapEntry replaced) is { } added)
        {
            MapBranch root = new(_generation);
            root.Insert(0, _root.LowBound(), _root);
            root.Insert(1, added.Bound, added.Node);
            _root = root;
        }

        bool isNew = replaced.IsNone;
        Count += isNew ? 1 : 0;
        LogicalBytes += entry.LogicalBytes - (isNew ? 0 : replaced.LogicalBytes);
        return isNew;
    }

    /// <inheritdoc/>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (!TryGet(key, out _))
        {
            return false;
        }

        OwnRoot();
        MapEntry removed = MapTree.Remove(_root, key);
        while (_root is MapBranch { Count: <= 1 } root)
        {
            _root = root.Count == 0 ? new MapLeaf(_generation) : root.ChildAt(0);
        }

        Count--;
        LogicalBytes -= removed.LogicalBytes;
        return true;
    }

    /// <inheritdoc/>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value) => MapTree.TryGet(_root, key, out value);

    /// <inheritdoc/>
    public MapCursor Seek(ReadOnlySpan<byte> from) => MapTreeCursor.Forward(_root, from, this);

    /// <inheritdoc/>
    public MapCursor SeekBackward(ReadOnlySpan<byte> before) => MapTreeCursor.Backward(_root, before, this);

    /// <inheritdoc/>
    public IMapVersion Publish()
    {
        if (_published is null)
        {
            _published = new MapVersion(_root, Count, LogicalBytes);
            _generation++;
        }

        return _published;
    }

    private void OwnRoot()
    {
        Changes++;
        _published = null;
        if (_root.Generation != _generation)
        {
            _root = _root.CopyFor(_generation);
        }
    }
}
