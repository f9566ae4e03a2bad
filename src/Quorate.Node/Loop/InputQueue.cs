namespace Quorate.Node;

/// <summary>Many threads add, the loop takes everything at once.</summary>
internal sealed class InputQueue(LoopPoll poll)
{
    private readonly object _gate = new();
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
            poll.Wake();
        }

        return true;
    }

    /// <summary>
    /// Takes everything that waits into <paramref name="taken"/>, which is empty, after a look at the peers; when there is
    /// nothing of either, sleeps at most <paramref name="timeoutMs"/>.
    /// </summary>
    public void Take(ref List<Input> taken, int timeoutMs)
    {
        if (timeoutMs > 0)
        {
            poll.PrepareToSleep();
        }

        bool hasInputs;
        lock (_gate)
        {
            hasInputs = _waiting.Count > 0;
        }

        poll.Wait(hasInputs ? 0 : timeoutMs);
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
