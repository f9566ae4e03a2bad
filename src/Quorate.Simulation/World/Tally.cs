namespace Quorate.Simulation;

/// <summary>Counts by name: faults that were injected, rare situations that were seen.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Faults => _faults;

    public IReadOnlyDictionary<string, long> Seen => _seen;

    public void Fault(string name) => Count(_faults, name, 1);

    public void See(string name) => Count(_seen, name, 1);

    public void SeeIf(bool isSeen, string name)
    {
        if (isSeen)
        {
            See(name);
        }
    }

    public static void Count(SortedDictionary<string, long> into, string name, long times)
    {
        into.TryGetValue(name, out long before);
        into[name] = before + times;
    }
}
