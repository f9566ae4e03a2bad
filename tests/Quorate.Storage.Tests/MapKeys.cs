namespace Quorate.Storage.Tests;

/// <summary>What the keys of a walk look like.</summary>
public enum MapKeyStyle
{
    /// <summary>Decimal numbers of one width.</summary>
    Numbers,

    /// <summary>Decimal numbers, many more of them.</summary>
    ManyNumbers,

    /// <summary>Any bytes, from none to five.</summary>
    ShortBytes,

    /// <summary>Paths of which many begin alike, and which are often longer than a one-byte length can say.</summary>
    DeepPrefixes,

    /// <summary>Runs of zeros and ones of any length: keys that are prefixes of others everywhere.</summary>
    TwoLetters,
}

/// <summary>Draws keys.</summary>
internal static class MapKeys
{
    private static readonly byte[] LongPrefix = MapTestBytes.Ascii("/registry/" + new string('p', 300) + "/");

    public static byte[] Draw(MapTestChance chance, MapKeyStyle style) => style switch
    {
        MapKeyStyle.Numbers => MapTestBytes.Number(chance.Below(3000)),
        MapKeyStyle.ManyNumbers => MapTestBytes.Number(chance.Below(1_000_000)),
        MapKeyStyle.ShortBytes => chance.Bytes(chance.Below(6), chance.Below(2) == 0 ? 3 : 256),
        MapKeyStyle.DeepPrefixes => Path(chance),
        _ => chance.Bytes(chance.Below(14), 2),
    };

    private static byte[] Path(MapTestChance chance)
    {
        byte[] name = MapTestBytes.Ascii($"{chance.Below(4)}/name-{chance.Below(600)}");
        return chance.Below(2) == 0 ? [.. LongPrefix, .. name] : [.. "/registry/p"u8, .. name];
    }
}
