using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <content>Lease time and expiry, as the leader sees to them (DESIGN §4).</content>
public sealed partial class Replica
{
    private const int MaxExpiriesPerCommand = 1000;
    private static readonly TimeSpan StampInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(10);

    private readonly LeaseClock _leaseClock;
    private readonly List<long> _expired = [];
    private Instant _stampedAt;
    private ulong _expiringUpTo;

    /// <summary>Lease time goes on from the highest stamp in the log, decided or not.</summary>
    private void BeginLeaseTime()
    {
        long highestMs = _machine.LeaseTimeMs;
        for (ulong index = Math.Max(_machine.AppliedIndex + 1, _log.First); index <= _log.Last; index++)
        {
            Entry entry = _log.At(index);
            if (entry.Kind == EntryKind.Command)
            {
                highestMs = Math.Max(highestMs, EntryPayload.StampOf(entry.Payload.Span));
            }
        }

        _leaseClock.Lead(Planted(ReplicaPlants.LeaseTimeJumps) ? highestMs + 1000 : highestMs, _now);
        _stampedAt = _now;
        _expiringUpTo = 0;
    }

    /// <summary>
    /// Proposes the expiries that are due, behind every keep-alive that waits, and an entry without commands when lease time
    /// was not stamped for a second or when compacted versions wait to be swept and nobody writes. One expiry is under way at a
    /// time: what is already proposed is not proposed again.
    /// </summary>
    private void ProposeLeaseWork()
    {
        if (_machine.HasLeases)
        {
            ProposeExpiries();
        }

        bool stampIsDue = _machine.HasLeases && _now - _stampedAt >= StampInterval;
        bool sweepIsDue = _machine.IsSweeping && _now - _stampedAt >= SweepInterval;
        if (stampIsDue || sweepIsDue)
        {
            _batchOpen = true;
        }
    }

    private void ProposeExpiries()
    {
        if (_machine.AppliedIndex >= _expiringUpTo)
        {
            _expired.Clear();
            _machine.CollectExpired(_leaseClock.NowMs, MaxExpiriesPerCommand, _expired);
            if (_expired.Count > 0)
            {
                AddToBatch(RequestId.None, CommandCodec.Encode(new LeaseExpireCommand(_expired.ToArray())));
                _expiringUpTo = _batchOpen ? _log.Last + 1 : _log.Last;
            }
        }
    }
}
