using System.Text;

namespace Quorate.Checking;

/// <summary>Searches an order for the operations of one part of a history.</summary>
internal sealed class LinearizationSearch
{
    private const int ShownOperations = 12;
    private const int None = -1;

    private readonly string[] _keys;
    private readonly Operation[] _operations;

    // The calls and returns in order of time, as a linked list: entry 2i is the call of operation i, 2i + 1 its return.
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int _head;
    private readonly ulong[] _done;
    private readonly Stack<(int Operation, RegisterState Before)> _order = new();
    private int _returnsLeft;
    private List<(int Operation, RegisterState Before)> _longest = [];
    private int _stuck = None;
    private RegisterState _stuckState;

    public LinearizationSearch(string[] keys, List<Operation> operations)
    {
        _keys = keys;
        _operations = [.. operations.OrderBy(operation => operation.Invoke)];
        _head = 2 * _operations.Length;
        _next = new int[_head + 1];
        _previous = new int[_head + 1];
        _done = new ulong[(_operations.Length + 63) / 64];
        _stuckState = RegisterState.Empty(keys.Length);
        int last = _head;
        foreach (int entry in EntriesInTime())
        {
            _next[last] = entry;
            _previous[entry] = last;
            last = entry;
            _returnsLeft += entry & 1;
        }

        _next[last] = None;
    }

    /// <summary>Searches until an order is found, there is none, or the steps are used up.</summary>
    public Verdict Run(ref long stepsLeft)
    {
        var seen = new HashSet<Configuration>();
        RegisterState state = RegisterState.Empty(_keys.Length);
        int entry = _next[_head];
        while (_returnsLeft > 0)
        {
            if ((entry & 1) == 0)
            {
                if (--stepsLeft < 0)
                {
                    return Verdict.Unknown;
                }

                if (TryTake(entry / 2, state, seen) is { } after)
                {
                    state = after;
                    entry = _next[_head];
                    continue;
                }

                entry = _next[entry];
                continue;
            }

            // The operation that returns here fits nowhere before: something before it was chosen wrongly.
            NoteLongest(entry / 2, state);
            if (_order.Count == 0)
            {
                return Verdict.Violation;
            }

            (int operation, state) = _order.Pop();
            Restore(operation);
            entry = _next[2 * operation];
        }

        return Verdict.Ok;
    }

    /// <summary>The longest order that was found, its end, and the operation that fits nowhere behind it.</summary>
    public string Explain()
    {
        var text = new StringBuilder($"not linearizable on {string.Join(", ", _keys)}: after {_longest.Count} operations");
        text.Append(" the state is ").Append(_stuckState.Describe(_keys)).AppendLine(", and this fits nowhere:");
        text.Append("    ").AppendLine(_operations[_stuck].ToString());
        text.Append("  the last of those before it, in the longest order that could be found:");
        foreach ((int operation, RegisterState _) in _longest.TakeLast(ShownOperations))
        {
            text.AppendLine().Append("    ").Append(_operations[operation]);
        }

        return text.ToString();
    }

    /// <summary>Puts an operation next in the order, unless it does not fit or that was tried before.</summary>
    private RegisterState? TryTake(int operation, RegisterState state, HashSet<Configuration> seen)
    {
        RegisterState? after = state.Apply(_operations[operation], _keys);
        if (after is null)
        {
            return null;
        }

        Flip(operation);
        if (!seen.Add(new Configuration([.. _done], after)))
        {
            Flip(operation);
            return null;
        }

        _order.Push((operation, state));
        Unlink(2 * operation);
        if (Returns(operation))
        {
            Unlink((2 * operation) + 1);
            _returnsLeft--;
        }

        return after;
    }

    private void Restore(int operation)
    {
        Flip(operation);
        if (Returns(operation))
        {
            Relink((2 * operation) + 1);
            _returnsLeft++;
        }

        Relink(2 * operation);
    }

    private void NoteLongest(int stuck, RegisterState state)
    {
        if (_stuck == None || _order.Count > _longest.Count)
        {
            _stuck = stuck;
            _stuckState = state;
            _longest = [.. _order.Reverse()];
        }
    }

    private bool Returns(int operation) => _operations[operation].Outcome == Outcome.Ok;

    private IEnumerable<int> EntriesInTime()
    {
        IEnumerable<(long Time, int Entry)> calls = _operations.Select((operation, index) => (operation.Invoke, 2 * index));
        IEnumerable<(long Time, int Entry)> returns = _operations.Select((operation, index) => (operation.Return, (2 * index) + 1))
            .Where(pair => Returns(pair.Item2 / 2));

        // Times are closed intervals: at one instant all calls come before all returns.
        return calls.Concat(returns).OrderBy(pair => pair.Time).ThenBy(pair => pair.Entry & 1).Select(pair => pair.Entry);
    }

    private void Unlink(int entry)
    {
        _next[_previous[entry]] = _next[entry];
        if (_next[entry] != None)
        {
            _previous[_next[entry]] = _previous[entry];
        }
    }

    private void Relink(int entry)
    {
        _next[_previous[entry]] = entry;
        if (_next[entry] != None)
        {
            _previous[_next[entry]] = entry;
        }
    }

    private void Flip(int operation) => _done[operation / 64] ^= 1UL << (operation % 64);

    private readonly struct Configuration(ulong[] done, RegisterState state) : IEquatable<Configuration>
    {
        private readonly ulong[] _done = done;
        private readonly RegisterState _state = state;

        public bool Equals(Configuration other) => _state.Equals(other._state) && _done.AsSpan().SequenceEqual(other._done);

        public override bool Equals(object? obj) => obj is Configuration other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (ulong word in _done)
            {
                hash.Add(word);
            }

            hash.Add(_state);
            return hash.ToHashCode();
        }
    }
}
