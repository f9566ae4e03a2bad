namespace Quorate.Replica;

/// <summary>
/// Planted bugs of the replica. Each breaks one rule of DESIGN §3 or §4; a simulation that does not find it is no proof of
/// anything.
/// </summary>
[Flags]
internal enum ReplicaPlants
{
    /// <summary>Nothing is broken.</summary>
    None = 0,
}
