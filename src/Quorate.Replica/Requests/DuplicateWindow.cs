namespace Quorate.Replica;

/// <summary>
/// Remembers which forwarded commands of one incarnation of a node were taken under the present ballot, so that a message the
/// network repeats, or its sender, is not proposed twice. A counter that fell out of the window counts as taken: that is safe,
/// and does not happen to a command that waits, since the window is as wide as a node lets commands wait.
/// </summary>
internal sealed class DuplicateWindow
{
    /// <summary>How many counters it remembers, up to the highest.</summary>
    public const int Bits = 1 << 16;

    private readonly ulong[] _taken = new ulong[Bits / 64];
    private ulong _highest;

    /// <summary>Whether this counter is taken for the first time.</summary>
    public bool TryTake(ulong counter)
    {
        if (counter > _highest)
        {
            // Downwards: a counter comes from a peer, and a loop up to the largest there is would never end.
            ulong jumpedOver = Math.Min(counter - _highest, Bits);
            for (ulong back = 0; back < jumpedOver; back++)
            {
                _taken[Word(counter - back)] &= ~Mask(counter - back);
            }

            _highest = counter;
        }
        else if (_highest - counter >= Bits || (_taken[Word(counter)] & Mask(counter)) != 0)
        {
            return false;
        }

        _taken[Word(counter)] |= Mask(counter);
        return true;
    }

    /// <summary>What was taken was surely not proposed, and may be taken again.</summary>
    public void Release(ulong counter)
    {
        if (counter <= _highest && _highest - counter < Bits)
        {
            _taken[Word(counter)] &= ~Mask(counter);
        }
    }

    private static int Word(ulong counter) => (int)(counter % Bits / 64);

    private static ulong Mask(ulong counter) => 1UL << (int)(counter % 64);
}
