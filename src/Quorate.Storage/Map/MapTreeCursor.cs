namespace Quorate.Storage;

/// <summary>
/// Walks the entries of one leaf, and comes down again from the root for the next leaf, which the bound passed on the way
/// down names. It remembers no path, and a scan pays for one descent in a whole leaf of entries.
/// </summary>
internal sealed class MapTreeCursor : MapCursor
{
    private readonly MapNode _root;
    private readonly OrderedMap? _map;
    private readonly long _changes;
    private readonly bool _isForward;

    private MapNode _leaf;

    // The bound of the leaf in the direction of the cursor; none if it is the outermost leaf.
    private MapEntry _bound;
    private int _next;
    private MapEntry _current;

    private MapTreeCursor(MapNode root, OrderedMap? map, bool isForward)
    {
        _root = root;
        _leaf = root;
        _map = map;
        _changes = map?.Changes ?? 0;
        _isForward = isForward;
    }

    public override ReadOnlyMemory<byte> Key => Current.KeyMemory;

    public override ReadOnlyMemory<byte> Value => Current.ValueMemory;

    private MapEntry Current => _current.IsNone ? throw new InvalidOperationException("The cursor is on no entry.") : _current;

    /// <summary>A cursor that walks up from the first key that is not below <paramref name="from"/>.</summary>
    /// <param name="root">What it walks in.</param>
    /// <param name="from">Where it starts.</param>
    /// <param name="map">The map whose changes make it void; <see langword="null"/> for what never changes.</param>
    public static MapTreeCursor Forward(MapNode root, ReadOnlySpan<byte> from, OrderedMap? map)
    {
        MapTreeCursor cursor = new(root, map, isForward: true);
        cursor.DescendTo(from);
        cursor._next = cursor._leaf.LowerBound(from, out _);
        return cursor;
    }

    /// <summary>A cursor that walks down from the last key below <paramref name="before"/>, or from the very last when it is empty.</summary>
    /// <param name="root">What it walks in.</param>
    /// <param name="before">Where it starts.</param>
    /// <param name="map">The map whose changes make it void; <see langword="null"/> for what never changes.</param>
    public static MapTreeCursor Backward(MapNode root, ReadOnlySpan<byte> before, OrderedMap? map)
    {
        MapTreeCursor cursor = new(root, map, isForward: false);
        cursor.DescendBefore(before);
        cursor._next = before.IsEmpty ? cursor._leaf.Count - 1 : cursor._leaf.LowerBound(before, out _) - 1;
        return cursor;
    }

    public override bool MoveNext()
    {
        if (_map is not null && _map.Changes != _changes)
        {
            throw new InvalidOperationException("The map has changed under its cursor.");
        }

        while ((uint)_next >= (uint)_leaf.Count)
        {
            if (_bound.IsNone)
            {
                _current = default;
                return false;
            }

            MoveToNextLeaf();
        }

        _current = _leaf.KeyAt(_next);
        _next += _isForward ? 1 : -1;
        return true;
    }

    private void MoveToNextLeaf()
    {
        if (_isForward)
        {
            DescendTo(_bound.Key);
            _next = 0;
        }
        else
        {
            DescendBefore(_bound.Key);
            _next = _leaf.Count - 1;
        }
    }

    private void DescendTo(ReadOnlySpan<byte> key)
    {
        MapNode node = _root;
        _bound = default;
        while (node is MapBranch branch)
        {
            int index = branch.IndexFor(key);
            _bound = index + 1 < branch.Count ? branch.KeyAt(index + 1) : _bound;
            node = branch.ChildAt(index);
        }

        _leaf = node;
    }

    private void DescendBefore(ReadOnlySpan<byte> key)
    {
        MapNode node = _root;
        _bound = default;
        while (node is MapBranch branch)
        {
            int index = key.IsEmpty ? branch.Count - 1 : branch.IndexBefore(key);
            _bound = index > 0 ? branch.KeyAt(index) : _bound;
            node = branch.ChildAt(index);
        }

        _leaf = node;
    }
}
