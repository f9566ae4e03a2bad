using System.Text;
using Quorate.Etcd.Contract;

namespace Quorate.Client;

/// <summary>How two things compare.</summary>
public enum Comparison
{
    /// <summary>Both are the same.</summary>
    Equal = 0,

    /// <summary>The stored one is larger.</summary>
    Greater,

    /// <summary>The stored one is smaller.</summary>
    Less,

    /// <summary>They differ.</summary>
    NotEqual,
}

/// <summary>A comparison of what is stored under a key, or under every key of a range, with something given.</summary>
public sealed class Condition
{
    private Condition(Compare wire) => Wire = wire;

    internal Compare Wire { get; }

    /// <summary>Holds when the key exists.</summary>
    public static Condition Exists(KeyRange range) => CreateRevision(range, Comparison.Greater, 0);

    /// <summary>Holds when the key does not exist.</summary>
    public static Condition Missing(KeyRange range) => CreateRevision(range, Comparison.Equal, 0);

    /// <summary>Compares the value; never holds for a key that does not exist.</summary>
    public static Condition Value(KeyRange range, Comparison comparison, ReadOnlyMemory<byte> value) =>
        Create(range, comparison, new Compare { Target = Compare.Types.CompareTarget.Value, Value = Client.Wire.Bytes(value) });

    /// <summary>Compares the value with text in UTF-8; never holds for a key that does not exist.</summary>
    public static Condition Value(KeyRange range, Comparison comparison, string value) => Value(range, comparison, Encoding.UTF8.GetBytes(value));

    /// <summary>Compares how often the key was changed; 0 when it does not exist.</summary>
    public static Condition Version(KeyRange range, Comparison comparison, long version) =>
        Create(range, comparison, new Compare { Target = Compare.Types.CompareTarget.Version, Version = version });

    /// <summary>Compares the revision at which the key came into being; 0 when it does not exist.</summary>
    public static Condition CreateRevision(KeyRange range, Comparison comparison, long revision) =>
        Create(range, comparison, new Compare { Target = Compare.Types.CompareTarget.Create, CreateRevision = revision });

    /// <summary>Compares the revision of the key's last change; 0 when it does not exist.</summary>
    public static Condition ModRevision(KeyRange range, Comparison comparison, long revision) =>
        Create(range, comparison, new Compare { Target = Compare.Types.CompareTarget.Mod, ModRevision = revision });

    /// <summary>Compares the lease that the key hangs on; 0 for none.</summary>
    public static Condition Lease(KeyRange range, Comparison comparison, long leaseId) =>
        Create(range, comparison, new Compare { Target = Compare.Types.CompareTarget.Lease, Lease = leaseId });

    private static Condition Create(KeyRange range, Comparison comparison, Compare compare)
    {
        compare.Key = range.WireKey;
        compare.RangeEnd = range.WireEnd;
        compare.Result = (Compare.Types.CompareResult)comparison;
        return new Condition(compare);
    }
}
