namespace Quorate.State;

/// <summary>How a compare relates what a key has to what is given; the numbers are etcd's.</summary>
public enum CompareResult
{
    /// <summary>The same.</summary>
    Equal = 0,

    /// <summary>The key's is greater.</summary>
    Greater = 1,

    /// <summary>The key's is less.</summary>
    Less = 2,

    /// <summary>Not the same.</summary>
    NotEqual = 3,
}

/// <summary>What of a key is compared; the numbers are etcd's.</summary>
public enum CompareTarget
{
    /// <summary>Its version; 0 for a missing key.</summary>
    Version = 0,

    /// <summary>Its create revision; 0 for a missing key.</summary>
    Create = 1,

    /// <summary>Its mod revision; 0 for a missing key.</summary>
    Mod = 2,

    /// <summary>Its value; false for a missing key whatever is asked.</summary>
    Value = 3,

    /// <summary>Its lease; 0 for a missing key.</summary>
    Lease = 4,
}

/// <summary>A guard of a transaction; over a range it must hold for every key in it.</summary>
/// <param name="Range">Which keys.</param>
/// <param name="Target">What is compared.</param>
/// <param name="Result">How.</param>
/// <param name="Number">The number compared with, for every target but the value.</param>
/// <param name="Value">The bytes compared with, for the value.</param>
public sealed record Compare(KeyRange Range, CompareTarget Target, CompareResult Result, long Number, ReadOnlyMemory<byte> Value);
