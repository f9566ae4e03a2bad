namespace Quorate.Simulation;

/// <summary>What is going to happen, in a total order: by time, and at one time in the order it was scheduled.</summary>
internal sealed class EventQueue
{
    private (long AtUs, long Order, Action Action)[] _heap = new (long, long, Action)[256];
    private long _order;

    public int Count { get; private set; }

    public void Add(long atUs, Action action)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, _heap.Length * 2);
        }

        int hole = Count++;
        (long AtUs, long Order, Action Action) added = (atUs, _order++, action);
        while (hole > 0 && IsBefore(added, _heap[(hole - 1) / 2]))
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = added;
    }

    /// <summary>Takes the next event; the queue is not empty.</summary>
    public Action Take(out long atUs)
    {
        (atUs, _, Action first) = _heap[0];
        (long AtUs, long Order, Action Action) moved = _heap[--Count];
        _heap[Count] = default;
        int hole = 0;
        while (true)
        {
            int child = (hole * 2) + 1;
            if (child >= Count)
            {
                break;
            }

            child += child + 1 < Count && IsBefore(_heap[child + 1], _heap[child]) ? 1 : 0;
            if (!IsBefore(_heap[child], moved))
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        if (Count > 0)
        {
            _heap[hole] = moved;
        }

        return first;
    }

    private static bool IsBefore(in (long AtUs, long Order, Action Action) left, in (long AtUs, long Order, Action Action) right) =>
        left.AtUs < right.AtUs || (left.AtUs == right.AtUs && left.Order < right.Order);
}
