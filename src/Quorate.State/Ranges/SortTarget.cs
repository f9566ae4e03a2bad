namespace Quorate.State;

/// <summary>What a range is sorted by; the numbers are etcd's.</summary>
public enum SortTarget
{
    /// <summary>The key.</summary>
    Key = 0,

    /// <summary>The version.</summary>
    Version = 1,

    /// <summary>The create revision.</summary>
    Create = 2,

    /// <summary>The mod revision.</summary>
    Mod = 3,

    /// <summary>The value.</summary>
    Value = 4,
}
