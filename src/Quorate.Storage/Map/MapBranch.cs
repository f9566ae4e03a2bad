namespace Quorate.Storage;

/// <summary>
/// A node of nodes: the key at an index bounds the child at that index from below, and the next key bounds it from above.
/// The first child also takes everything below its own bound, so the first key says nothing about what lies under it and
/// only has to stay below the second.
/// </summary>
internal sealed class MapBranch : MapNode
{
    // A node that fell below a quarter joins a neighbour if three quarters hold both: far enough from full and from a
    // quarter that neither the next insertion nor the next removal undoes it.
    private const int JoinBelow = Capacity / 4;
    private const int JoinUpTo = Capacity * 3 / 4;

    private MapNode[] _children;

    public MapBranch(long generation)
        : this(generation, 1)
    {
    }

    private MapBranch(long generation, int room)
        : base(generation, room)
    {
        _children = new MapNode[room];
    }

    private MapBranch(long generation, MapBranch source)
        : base(generation, source)
    {
        _children = new MapNode[Room];
        Array.Copy(source._children, _children, Count);
    }

    public MapNode ChildAt(int index) => _children[index];

    /// <summary>The child under which <paramref name="key"/> belongs.</summary>
    public int IndexFor(ReadOnlySpan<byte> key)
    {
        int index = LowerBound(key, out bool found);
        return found || index == 0 ? index : index - 1;
    }

    /// <summary>The last child that can hold a key below <paramref name="key"/>.</summary>
    public int IndexBefore(ReadOnlySpan<byte> key) => Math.Max(0, LowerBound(key, out _) - 1);

    /// <summary>The child at an index, copied first if an earlier batch made it.</summary>
    public MapNode OwnChildAt(int index)
    {
        MapNode child = _children[index];
        if (child.Generation != Generation)
        {
            child = child.CopyFor(Generation);
            _children[index] = child;
        }

        return child;
    }

    public void Insert(int index, MapEntry bound, MapNode child)
    {
        if (index == 1 && KeyAt(0).Key.SequenceCompareTo(bound.Key) >= 0)
        {
            // The first child was split among keys that lie below its bound, which therefore must sink.
            ReplaceKey(0, _children[0].LowBound());
        }

        InsertKey(index, bound);
        if (_children.Length < Room)
        {
            Array.Resize(ref _children, Room);
        }

        Array.Copy(_children, index, _children, index + 1, Count - 1 - index);
        _children[index] = child;
    }

    /// <summary>Drops a child that a removal left empty, or joins it to a neighbour when a removal left it small.</summary>
    public void Tidy(int index)
    {
        int count = _children[index].Count;
        if (count == 0)
        {
            RemoveAt(index);
        }
        else if (count < JoinBelow && !TryJoin(index - 1))
        {
            TryJoin(index);
        }
    }

    public override MapNode CopyFor(long generation) => new MapBranch(generation, this);

    public override MapNode SplitOff(int index)
    {
        int moved = Count - index;
        MapBranch right = new(Generation, RoomFor(moved));
        Array.Copy(_children, index, right._children, 0, moved);
        Array.Clear(_children, index, moved);
        MoveKeys(index, right);
        return right;
    }

    public override void Append(MapNode next, MapEntry bound)
    {
        int count = Count;

        // What was the first bound of its node and meant nothing becomes a bound that must hold: the one of the node itself.
        AppendKeys(next, bound);
        Array.Resize(ref _children, Room);
        Array.Copy(((MapBranch)next)._children, 0, _children, count, next.Count);
    }

    public override MapEntry LowBound() => KeyAt(0);

    private bool TryJoin(int left)
    {
        int right = left + 1;
        if (left < 0 || right >= Count || _children[left].Count + _children[right].Count > JoinUpTo)
        {
            return false;
        }

        OwnChildAt(left).Append(_children[right], KeyAt(right));
        RemoveAt(right);
        return true;
    }

    private void RemoveAt(int index)
    {
        RemoveKey(index);
        Array.Copy(_children, index + 1, _children, index, Count - index);
        _children[Count] = null!;
    }
}
