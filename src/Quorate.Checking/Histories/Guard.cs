namespace Quorate.Checking;

/// <summary>What of a key a guard looks at.</summary>
public enum GuardTarget
{
    /// <summary>Its value.</summary>
    Value = 1,

    /// <summary>Its version; 0 when it is not there.</summary>
    Version,

    /// <summary>Its create revision; 0 when it is not there.</summary>
    Create,

    /// <summary>Its mod revision; 0 when it is not there.</summary>
    Mod,
}

/// <summary>How it relates to what is given.</summary>
public enum GuardRelation
{
    /// <summary>The same.</summary>
    Equal = 1,

    /// <summary>Not the same.</summary>
    NotEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Greater.</summary>
    Greater,
}

/// <summary>A condition on one key. On the value of a key that is not there it never holds, as in etcd.</summary>
/// <param name="Key">The key.</param>
/// <param name="Target">What is looked at.</param>
/// <param name="Relation">How it must relate.</param>
/// <param name="Number">To this, for every target but the value.</param>
/// <param name="Text">To this, for the value (by ordinal).</param>
public sealed record Guard(string Key, GuardTarget Target, GuardRelation Relation, long Number = 0, string? Text = null)
{
    /// <summary>Whether it holds for a key that has these; a missing key has a <see langword="null"/> value and zeros.</summary>
    internal bool Holds(string? value, long version, long create, long mod)
    {
        if (Target == GuardTarget.Value)
        {
            return value is not null && Holds(string.CompareOrdinal(value, Text));
        }

        return Holds((Target switch { GuardTarget.Version => version, GuardTarget.Create => create, _ => mod }).CompareTo(Number));
    }

    /// <summary>"version(a) = 3".</summary>
    public override string ToString()
    {
        string relation = Relation switch { GuardRelation.Equal => "=", GuardRelation.NotEqual => "≠", GuardRelation.Less => "<", _ => ">" };
        return $"{Target.ToString().ToLowerInvariant()}({Key}) {relation} {(Target == GuardTarget.Value ? Text : Number)}";
    }

    private bool Holds(int order) => Relation switch
    {
        GuardRelation.Equal => order == 0,
        GuardRelation.NotEqual => order != 0,
        GuardRelation.Less => order < 0,
        _ => order > 0,
    };
}
