using System.Globalization;
using System.Net;
using Quorate.Cli.Serve;

namespace Quorate.Cli.Shell;

/// <summary>Reads option values; a <see cref="FormatException"/> says what is wrong in words for the user.</summary>
internal static class Values
{
    public static long Integer(string text, long least, long most)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            throw new FormatException($"'{text}' is not a whole number");
        }

        return value >= least && value <= most
            ? value
            : throw new FormatException($"{value} is not between {least} and {most}");
    }

    public static bool Boolean(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new FormatException($"'{text}' is neither true nor false"),
    };

    public static double Positive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && value < 1e9
            ? value
            : throw new FormatException($"'{text}' is not a number above 0");

    public static string OneOf(string text, params string[] allowed) => allowed.Contains(text)
        ? text
        : throw new FormatException($"'{text}' is not one of {string.Join(", ", allowed)}");

    /// <summary><c>http://HOST:PORT</c>, or <c>HOST:PORT</c> for short.</summary>
    public static Uri ClientUrl(string text)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        bool isUrl = Uri.TryCreate(full, UriKind.Absolute, out Uri? url)
            && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.AbsolutePath == "/" && url.Query.Length == 0;
        return isUrl ? url! : throw new FormatException($"'{text}' is not a client URL such as http://127.0.0.1:2379");
    }

    public static IReadOnlyList<Uri> ClientUrls(string text)
    {
        Uri[] urls = [.. Parts(text).Select(ClientUrl)];
        return urls.Length > 0 ? urls : throw new FormatException("at least one endpoint is needed, such as http://127.0.0.1:2379");
    }

    /// <summary><c>HOST:PORT</c>.</summary>
    public static HostPort HostPort(string text)
    {
        int colon = text.LastIndexOf(':');
        bool isAddress = colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= IPEndPoint.MaxPort
            && !text.Contains('/', StringComparison.Ordinal);
        return isAddress
            ? new HostPort(text[..colon].Trim('[', ']'), int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is not an address such as 127.0.0.1:2380");
    }

    public static IReadOnlyList<string> Parts(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
