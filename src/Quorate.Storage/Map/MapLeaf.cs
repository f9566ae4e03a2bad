namespace Quorate.Storage;

/// <summary>A node that holds entries. Only the root may be empty.</summary>
internal sealed class MapLeaf : MapNode
{
    public MapLeaf(long generation)
        : base(generation, 1)
    {
    }

    private MapLeaf(long generation, int room)
        : base(generation, room)
    {
    }

    private MapLeaf(long generation, MapNode source)
        : base(generation, source)
    {
    }

    /// <summary>A leaf that is going to be full.</summary>
    public static MapLeaf WithFullRoom(long generation) => new(generation, Capacity);

    public void Insert(int index, MapEntry entry) => InsertKey(index, entry);

    public void Replace(int index, MapEntry entry) => ReplaceEqualKey(index, entry);

    public void RemoveAt(int index) => RemoveKey(index);

    public override MapNode CopyFor(long generation) => new MapLeaf(generation, this);

    public override MapNode SplitOff(int index)
    {
        MapLeaf right = new(Generation, RoomFor(Count - index));
        MoveKeys(index, right);
        return right;
    }

    public override void Append(MapNode next, MapEntry bound) => AppendKeys(next, next.KeyAt(0));

    public override MapEntry LowBound() => MapEntry.OfKey(KeyAt(0).Key);
}
