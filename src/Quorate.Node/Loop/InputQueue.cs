namespace Quorate.Node;

/// <summary>Many threads add, the loop takes everything at once.</summary>
internal sealed class InputQueue
{
    private readonly object _gate = new();
    private List<Input> _waiting = [];
    private bool _isOpen = true;

    /// <summary>Adds an input; false once the loop has ended.</summary>
    public bool Add(in Input input)
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                return false;
            }

            _waiting.Add(input);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Takes everything that waits into <paramref name="taken"/>, which is empty; waits for the first at most <paramref name="timeoutMs"/>.</summary>
    public void Take(ref List<Input> taken, int timeoutMs)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && timeoutMs > 0)
            {
                Monitor.Wait(_gate, timeoutMs);
            }

            (taken, _waiting) = (_waiting, taken);
        }
    }

    /// <summary>Takes nothing more in.</summary>
    public List<Input> Close()
    {
        lock (_gate)
        {
            _isOpen = false;
            return _waiting;
        }
    }
}
