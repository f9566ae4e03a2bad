using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// The keyspace as of one applied entry: immutable, readable from any thread, published as one reference at the end of a
/// batch (DESIGN §4).
/// </summary>
public sealed class StateVersion
{
    internal StateVersion(IMapVersion map)
    {
        Map = map;
    }

    /// <summary>Everything durable this state knows, for snapshots.</summary>
    public IMapVersion Map { get; }
}
