using System.Buffers.Binary;

namespace Quorate.Storage;

/// <summary>
/// A node of the tree: up to <see cref="Capacity"/> sorted keys. Beside each key stand the four bytes that follow what all
/// keys of the node have in common, so that a search reads one short array and then, as a rule, a single key.
/// </summary>
/// <remarks>
/// A node belongs to the batch whose generation it carries and is changed only by it; once that batch is published the node
/// is frozen. The arrays grow in small steps: slack in a million leaves would cost more than copying does.
/// </remarks>
internal abstract class MapNode
{
    /// <summary>Most keys of one node; a copy of a full leaf moves 768 bytes.</summary>
    public const int Capacity = 64;

    private const int GrowthStep = 8;
    private const int FragmentBytes = sizeof(uint);

    private MapEntry[] _keys;
    private uint[] _fragments;

    // Every key of the node begins with the same _common bytes. There may be more of them after a removal.
    private int _common;

    protected MapNode(long generation, int room)
    {
        Generation = generation;
        _keys = new MapEntry[room];
        _fragments = new uint[room];
    }

    protected MapNode(long generation, MapNode source)
        : this(generation, RoomFor(source.Count))
    {
        Count = source.Count;
        _common = source._common;
        Array.Copy(source._keys, _keys, Count);
        Array.Copy(source._fragments, _fragments, Count);
    }

    /// <summary>The batch that may change this node.</summary>
    public long Generation { get; }

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the next insertion needs a split first.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>How many keys fit before the arrays must grow.</summary>
    protected int Room => _keys.Length;

    /// <summary>The same content for another batch to change.</summary>
    public abstract MapNode CopyFor(long generation);

    /// <summary>Moves everything from <paramref name="index"/> on into a new node of the same kind.</summary>
    public abstract MapNode SplitOff(int index);

    /// <summary>Adds everything of the next node, whose keys begin at <paramref name="bound"/>.</summary>
    public abstract void Append(MapNode next, MapEntry bound);

    /// <summary>A bound that is not above any key below this node at the time of the call.</summary>
    public abstract MapEntry LowBound();

    /// <summary>The key at an index.</summary>
    public MapEntry KeyAt(int index) => _keys[index];

    /// <summary>The index of the first key that is not below <paramref name="key"/>; <see cref="Count"/> if there is none.</summary>
    public int LowerBound(ReadOnlySpan<byte> key, out bool found)
    {
        found = false;
        if (Count == 0)
        {
            return 0;
        }

        int index = 0;
        if (key.Length >= _common)
        {
            uint fragment = FragmentOf(key, _common);
            index = FirstFragmentNotBelow(fragment);
            index = SearchRun(index, fragment, key, out found);
            if (found)
            {
                return index;
            }
        }

        // The fragments speak only for a key that shares the common bytes; any other lies before or behind the whole node.
        ReadOnlySpan<byte> common = _keys[0].Key[.._common];
        if (key.StartsWith(common))
        {
            return index;
        }

        return key.SequenceCompareTo(common) < 0 ? 0 : Count;
    }

    /// <summary>The room a copy gets: a little more than it needs, never more than a full node.</summary>
    protected static int RoomFor(int count) => Math.Min(Capacity, (count | (GrowthStep - 1)) + 1);

    /// <summary>Puts another entry with the same key in its place.</summary>
    protected void ReplaceEqualKey(int index, MapEntry key) => _keys[index] = key;

    /// <summary>Puts another key in its place, in order.</summary>
    protected void ReplaceKey(int index, MapEntry key)
    {
        _keys[index] = key;
        Refragment(_keys[0].Key.CommonPrefixLength(_keys[Count - 1].Key));
    }

    protected void InsertKey(int index, MapEntry key)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("A full node takes no key.");
        }

        if (Count == _keys.Length)
        {
            int room = RoomFor(Count);
            Array.Resize(ref _keys, room);
            Array.Resize(ref _fragments, room);
        }

        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        Array.Copy(_fragments, index, _fragments, index + 1, Count - index);
        _keys[index] = key;
        Count++;

        // A key between two others shares what they share, so only a new first or last one can make the common bytes fewer.
        bool isEdge = index == 0 || index == Count - 1;
        int common = isEdge ? key.Key.CommonPrefixLength(_keys[index == 0 ? Count - 1 : 0].Key) : _common;
        if (common < _common || Count == 1)
        {
            Refragment(common);
        }
        else
        {
            _fragments[index] = FragmentOf(key.Key, _common);
        }
    }

    protected void RemoveKey(int index)
    {
        Count--;
        Array.Copy(_keys, index + 1, _keys, index, Count - index);
        Array.Copy(_fragments, index + 1, _fragments, index, Count - index);
        _keys[Count] = default;
    }

    /// <summary>Moves the keys from <paramref name="index"/> on to the empty node <paramref name="to"/>.</summary>
    protected void MoveKeys(int index, MapNode to)
    {
        int moved = Count - index;
        Array.Copy(_keys, index, to._keys, 0, moved);
        Array.Copy(_fragments, index, to._fragments, 0, moved);
        to.Count = moved;
        to._common = _common;
        Array.Clear(_keys, index, moved);
        Count = index;
        LengthenCommon();
        to.LengthenCommon();
    }

    /// <summary>Adds the keys of the next node, the first of them as <paramref name="first"/>.</summary>
    protected void AppendKeys(MapNode next, MapEntry first)
    {
        int total = Count + next.Count;
        if (total > Capacity || Count == 0 || next.Count == 0)
        {
            throw new InvalidOperationException("Two nodes are joined only when neither is empty and both fit into one.");
        }

        Array.Resize(ref _keys, RoomFor(total));
        Array.Resize(ref _fragments, RoomFor(total));
        Array.Copy(next._keys, 0, _keys, Count, next.Count);
        _keys[Count] = first;
        Count = total;
        Refragment(_keys[0].Key.CommonPrefixLength(_keys[Count - 1].Key));
    }

    private static uint FragmentOf(ReadOnlySpan<byte> key, int skip)
    {
        int left = key.Length - skip;
        if (left >= FragmentBytes)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(key[skip..]);
        }

        // A short rest is filled up with zeros: that keeps the order, and equal fragments are told apart by the whole key.
        uint fragment = 0;
        for (int i = 0; i < left; i++)
        {
            fragment |= (uint)key[skip + i] << (24 - (8 * i));
        }

        return fragment;
    }

    private int FirstFragmentNotBelow(uint fragment)
    {
        ReadOnlySpan<uint> fragments = _fragments.AsSpan(0, Count);
        int low = 0;
        int high = fragments.Length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (fragments[middle] < fragment)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Searches by whole keys among those from <paramref name="low"/> on that have the same fragment.</summary>
    private int SearchRun(int low, uint fragment, ReadOnlySpan<byte> key, out bool found)
    {
        int length = _fragments.AsSpan(low, Count - low).IndexOfAnyExcept(fragment);
        int high = length < 0 ? Count : low + length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            int order = _keys[middle].Key.SequenceCompareTo(key);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        found = false;
        return low;
    }

    private void LengthenCommon()
    {
        if (Count == 0)
        {
            return;
        }

        int common = _keys[0].Key.CommonPrefixLength(_keys[Count - 1].Key);
        if (common > _common)
        {
            Refragment(common);
        }
    }

    private void Refragment(int common)
    {
        _common = common;
        for (int i = 0; i < Count; i++)
        {
            _fragments[i] = FragmentOf(_keys[i].Key, common);
        }
    }
}
