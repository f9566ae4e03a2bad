namespace Quorate.Checking;

/// <summary>What a step does.</summary>
public enum StepKind
{
    /// <summary>Puts a key.</summary>
    Put = 1,

    /// <summary>Deletes a key or a range of keys.</summary>
    Delete,

    /// <summary>Reads a key or a range of keys, whole, without a limit.</summary>
    Range,
}

/// <summary>One step of an operation. Keys are compared by ordinal.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Key">The key, or the first of a range.</param>
/// <param name="End">The key behind the last of a range; <see langword="null"/> for the single key, "\0" for no bound (as etcd's).</param>
/// <param name="Value">What a put puts.</param>
public sealed record Step(StepKind Kind, string Key, string? End = null, string? Value = null)
{
    /// <summary>Whether it concerns a key.</summary>
    public bool Covers(string key)
    {
        if (End is null)
        {
            return key == Key;
        }

        return string.CompareOrdinal(key, Key) >= 0 && (End == "\0" || string.CompareOrdinal(key, End) < 0);
    }

    /// <summary>"put a=1", "get a", "delete [a, b)".</summary>
    public override string ToString()
    {
        string keys = End is null ? Key : End == "\0" ? $"[{Printable(Key)}, ∞)" : $"[{Printable(Key)}, {End})";
        return Kind switch
        {
            StepKind.Put => $"put {keys}={Value}",
            StepKind.Delete => $"delete {keys}",
            _ => $"get {keys}",
        };
    }

    private static string Printable(string key) => key == "\0" ? "" : key;
}

/// <summary>A key as it was found.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Create">The revision that created it.</param>
/// <param name="Mod">The revision that last put it.</param>
/// <param name="Version">Puts since its creation, that one included.</param>
public sealed record KeyVersion(string Key, string Value, long Create, long Mod, long Version)
{
    /// <summary>"a=1 (create 2, mod 3, version 2)".</summary>
    public override string ToString() => $"{Key}={Value} (create {Create}, mod {Mod}, version {Version})";
}

/// <summary>The answer to one step.</summary>
/// <param name="Deleted">Of a deletion: how many keys went.</param>
/// <param name="Found">Of a read: what was there, in order of keys.</param>
public sealed record StepResult(long Deleted = 0, IReadOnlyList<KeyVersion>? Found = null)
{
    internal string Describe(StepKind kind) => kind switch
    {
        StepKind.Delete => $", {Deleted} deleted",
        StepKind.Range => $", found {(Found is { Count: > 0 } ? string.Join("; ", Found) : "nothing")}",
        _ => "",
    };
}
