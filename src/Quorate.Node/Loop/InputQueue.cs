namespace Quorate.Node;

/// <summary>Many threads add, the loop takes everything at once.</summary>
internal sealed class InputQueue(LoopPoll poll)
{
    private readonly object _gate = new();
    private List<Input> _waiting = [];
    private bool _isOpen = true;
    private bool _isWoken;

    /// <summary>Adds an input; false once the loop has ended. One that does not wake the loop waits for another, or for the next tick.</summary>
    public bool Add(in Input input, bool wakes = true)
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                return false;
            }

            _waiting.Add(input);
            wakes &= !_isWoken;
            _isWoken |= wakes;
        }

        if (wakes)
        {
            poll.Wake();
        }

        return true;
    }

    /// <summary>
    /// Takes everything that waits into <paramref name="taken"/>, which is empty, after a look at the peers; when there is
    /// nothing of either, sleeps at most <paramref name="timeout"/>.
    /// </summary>
    public void Take(ref List<Input> taken, TimeSpan timeout)
    {
        if (timeout > TimeSpan.Zero)
        {
            poll.PrepareToSleep();
        }

        bool isWoken;
        lock (_gate)
        {
            isWoken = _isWoken;
        }

        poll.Wait(isWoken ? TimeSpan.Zero : timeout);
        lock (_gate)
        {
            _isWoken = false;
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
