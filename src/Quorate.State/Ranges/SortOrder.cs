namespace Quorate.State;

/// <summary>The direction of a sorted range; the numbers are etcd's.</summary>
public enum SortOrder
{
    /// <summary>As the target says: ascending for any target but the key, which is ascending anyway.</summary>
    None = 0,

    /// <summary>Smallest first.</summary>
    Ascending = 1,

    /// <summary>Largest first.</summary>
    Descending = 2,
}
