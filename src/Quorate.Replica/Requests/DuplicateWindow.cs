namespace Quorate.Replica;

/// <summary>
/// Remembers which forwarded commands of one incarnation of a node were taken under the present ballot, so that a message the
/// network repeats is not proposed twice. A counter that fell out of the window counts as taken: safe, since its sender asks
/// again only after a later ballot has begun.
/// </summary>
internal sealed class DuplicateWindow
{
    private const int Bits = 1 << 16;
    private readonly ulong[] _taken = new ulong[Bits / 64];
    private ulong _highest;

    /// <summary>Whether this counter is taken for the first time.</summary>
    public bool TryTake(ulong counter)
    {
        if (counter > _highest)
        {
            ulong from = Math.Max(_highest + 1, counter >= Bits ? counter - Bits + 1 : 0);
            for (ulong cleared = from; cleared <= counter; cleared++)
            {
                _taken[Word(cleared)] &= ~Mask(cleared);
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

    private static int Word(ulong counter) => (int)(counter % Bits / 64);

    private static ulong Mask(ulong counter) => 1UL << (int)(counter % 64);
}
