using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// Group commit: whether a leader's small batch waits for company before it is proposed. Every batch costs each node a message
/// and a flush whatever it carries, so one that is small waits while its predecessor is on its way (as small segments do in
/// RFC 896), and then until as many commands have come as that one carried: the clients it answers come back with their next.
/// Commands that come while it is on its way are of others, who will send more; with them the batch waits its whole time.
/// Who is alone finds nothing on its way and never waits.
/// </summary>
/// <param name="limit">The longest wait, from when the predecessor was proposed; zero for none.</param>
/// <param name="enough">From this many commands on a batch does not wait.</param>
internal sealed class Gathering(TimeSpan limit, int enough)
{
    private ulong _lastIndex;
    private int _lastCount;
    private bool _meetsStrangers;

    /// <summary>When a batch that waits has waited long enough.</summary>
    public Instant Until { get; private set; }

    /// <summary>Whether a batch of <paramref name="count"/> commands is better proposed later.</summary>
    public bool Waits(int count, ulong decided, Instant now)
    {
        bool isUnderWay = decided < _lastIndex;
        _meetsStrangers |= isUnderWay && count > 0;
        return now < Until && count < enough && (isUnderWay || _meetsStrangers || count < _lastCount);
    }

    /// <summary>A batch was proposed as entry <paramref name="index"/>.</summary>
    public void Proposed(ulong index, int count, Instant now)
    {
        _lastIndex = index;
        _lastCount = count;
        _meetsStrangers = false;
        Until = now + limit;
    }
}
