namespace Quorate.Consensus;

/// <summary>The barriers that wait on a leader: first for a round of heartbeats to start, then for its answers.</summary>
/// <param name="limit">How many may wait.</param>
internal sealed class BarrierQueue(int limit)
{
    private readonly List<ulong> _asked = [];
    private readonly Queue<(ulong Id, ulong Probe, ulong Index)> _started = new();

    public bool IsAsked => _asked.Count > 0;

    /// <summary>The probe that the oldest started barrier waits for.</summary>
    public ulong? OldestProbe => _started.TryPeek(out (ulong Id, ulong Probe, ulong Index) oldest) ? oldest.Probe : null;

    public bool TryAsk(ulong id)
    {
        if (_asked.Count + _started.Count >= limit)
        {
            return false;
        }

        _asked.Add(id);
        return true;
    }

    /// <summary>All that were asked wait for the answers to <paramref name="probe"/>, and then see <paramref name="index"/>.</summary>
    public void Start(ulong probe, ulong index)
    {
        foreach (ulong id in _asked)
        {
            _started.Enqueue((id, probe, index));
        }

        _asked.Clear();
    }

    public void PassOldest(IEffects effects)
    {
        (ulong id, _, ulong index) = _started.Dequeue();
        effects.BarrierPassed(id, index);
    }

    public void LoseAll(IEffects effects)
    {
        while (_started.TryDequeue(out (ulong Id, ulong Probe, ulong Index) started))
        {
            effects.BarrierLost(started.Id);
        }

        foreach (ulong id in _asked)
        {
            effects.BarrierLost(id);
        }

        _asked.Clear();
    }
}
