using System.Globalization;

namespace Quorate.Storage;

/// <summary>The names of the log's files. Other files of the directory belong to others and are left alone.</summary>
internal static class LogNames
{
    private const string SegmentPrefix = "log-";
    private const string SparePrefix = "spare-";
    private const string Suffix = ".qlog";

    /// <summary>Numbers above this are nobody's: they leave no room to count on.</summary>
    private const ulong Highest = 9_999_999_999_999_999;

    public static string Segment(ulong number) => SegmentPrefix + Digits(number) + Suffix;

    public static string Spare(ulong number) => SparePrefix + Digits(number) + Suffix;

    public static bool TryParseSegment(string name, out ulong number) => TryParse(name, SegmentPrefix, out number);

    public static bool TryParseSpare(string name, out ulong number) => TryParse(name, SparePrefix, out number);

    private static string Digits(ulong number) => number.ToString("D16", CultureInfo.InvariantCulture);

    private static bool TryParse(string name, string prefix, out ulong number)
    {
        number = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && name.Length == prefix.Length + 16 + Suffix.Length
            && ulong.TryParse(name.AsSpan(prefix.Length, 16), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number is > 0 and < Highest;
    }
}
