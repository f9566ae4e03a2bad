namespace Quorate.Node;

/// <summary>Many threads add, the loop takes everything at once.</summary>
internal sealed class InputQueue
{
    private readonly object _gate = new();
    private readonly Wakeup _wakeup = new();
    private List<Input> _waiting = [];
    private bool _isOpen = true;

    /// <summary>Adds an input; false once the loop has ended.</summary>
    public bool Add(in Input input)
    {
        bool isFirst;
        lock (_gate)
        {
            if (!_isOpen)
            {
                return false;
            }

            isFirst = _waiting.Count == 0;
            _waiting.Add(input);
        }

        if (isFirst)
        {
            _wakeup.Set();
        }

        return true;
    }

    /// <summary>Takes everything that waits into <paramref name="taken"/>, which is empty; waits for the first at most <paramref name="timeoutMs"/>.</summary>
    public void Take(ref List<Input> taken, int timeoutMs)
    {
        if (timeoutMs > 0)
        {
            _wakeup.Wait(timeoutMs);
        }

        lock (_gate)
        {
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
