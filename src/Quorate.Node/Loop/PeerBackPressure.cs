namespace Quorate.Node;

/// <summary>Holds the peers' reading threads back while the loop has more bytes to work off than it should.</summary>
internal sealed class PeerBackPressure
{
    private const long MaxWaitingBytes = 64L << 20;

    private readonly object _gate = new();
    private long _waiting;
    private bool _released;

    public void Wait(int count)
    {
        lock (_gate)
        {
            while (_waiting > MaxWaitingBytes && !_released)
            {
                Monitor.Wait(_gate);
            }

            _waiting += count;
        }
    }

    public void Taken(int count)
    {
        lock (_gate)
        {
            bool wasOver = _waiting > MaxWaitingBytes;
            _waiting -= count;
            if (wasOver)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Nobody is held back any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _released = true;
            Monitor.PulseAll(_gate);
        }
    }
}
