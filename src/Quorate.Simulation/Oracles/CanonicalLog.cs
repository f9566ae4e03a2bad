namespace Quorate.Simulation;

/// <summary>The one log that everybody must agree on: each place as it was when any node first called it decided.</summary>
internal sealed class CanonicalLog
{
    private readonly List<ShadowEntry> _entries = [];
    private readonly List<ulong> _decidedIn = [];

    public ulong Last => (ulong)_entries.Count;

    public ulong ChainAt(ulong index) => index == 0 ? 0 : _entries[(int)index - 1].Chain;

    public ShadowEntry At(ulong index) => _entries[(int)index - 1];

    /// <param name="entry">The entry that follows the last one.</param>
    /// <param name="round">The highest round there was when it was first called decided.</param>
    public void Add(ShadowEntry entry, ulong round)
    {
        _entries.Add(entry);
        _decidedIn.Add(round);
    }

    /// <summary>The last place that was decided before any round at or above this one began.</summary>
    public ulong LastDecidedBefore(ulong round)
    {
        int index = _decidedIn.Count;
        while (index > 0 && _decidedIn[index - 1] >= round)
        {
            index--;
        }

        return (ulong)index;
    }
}
