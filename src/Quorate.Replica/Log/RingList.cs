using Quorate.Consensus;
namespace Quorate.Replica;

/// <summary>A list that grows at its end and shrinks at both, in constant time a step.</summary>
internal sealed class RingList<T>
{
    private T[] _items = new T[16];
    private int _start;

    public int Count { get; private set; }

    public T this[int index]
    {
        get
        {
            Invariant.Check((uint)index < (uint)Count, "An index outside a ring list.");
            return _items[(_start + index) & (_items.Length - 1)];
        }

        set
        {
            Invariant.Check((uint)index < (uint)Count, "An index outside a ring list.");
            _items[(_start + index) & (_items.Length - 1)] = value;
        }
    }

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[(_start + Count) & (_items.Length - 1)] = item;
        Count++;
    }

    /// <summary>Puts items, in their order, in front of all others.</summary>
    public void AddFirst(ReadOnlySpan<T> items)
    {
        for (int i = items.Length - 1; i >= 0; i--)
        {
            if (Count == _items.Length)
            {
                Grow();
            }

            _start = (_start - 1) & (_items.Length - 1);
            _items[_start] = items[i];
            Count++;
        }
    }

    public void RemoveFirst(int count)
    {
        Invariant.Check(count >= 0 && count <= Count, "More removed than there is.");
        for (int i = 0; i < count; i++)
        {
            _items[(_start + i) & (_items.Length - 1)] = default!;
        }

        _start = (_start + count) & (_items.Length - 1);
        Count -= count;
    }

    public void RemoveLast(int count)
    {
        Invariant.Check(count >= 0 && count <= Count, "More removed than there is.");
        for (int i = Count - count; i < Count; i++)
        {
            _items[(_start + i) & (_items.Length - 1)] = default!;
        }

        Count -= count;
    }

    public void Clear() => RemoveFirst(Count);

    private void Grow()
    {
        var larger = new T[_items.Length * 2];
        for (int i = 0; i < Count; i++)
        {
            larger[i] = _items[(_start + i) & (_items.Length - 1)];
        }

        _items = larger;
        _start = 0;
    }
}
