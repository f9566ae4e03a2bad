using System.Text.Json;

namespace Quorate.Cli.Shell;

/// <summary>
/// The file of <c>--config</c>: one JSON object whose members are named like the options without their dashes; lists may be arrays.
/// </summary>
internal sealed class ConfigFile
{
    private const int LargestBytes = 1024 * 1024;

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => _values.Keys;

    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="FormatException">There is no such file, or it is not such an object.</exception>
    public static ConfigFile Read(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.Exists && file.Length > LargestBytes)
            {
                throw new FormatException($"{path} is larger than a configuration file may be ({LargestBytes} bytes)");
            }

            return Parse(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"cannot read the configuration file {path}: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{path} is not valid JSON: {exception.Message}", exception);
        }
    }

    /// <exception cref="JsonException">This is not JSON.</exception>
    /// <exception cref="FormatException">This is not an object of plain values.</exception>
    public static ConfigFile Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
        });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("the configuration must be one JSON object, such as { \"data-dir\": \"/var/lib/quorate\" }");
        }

        ConfigFile config = new();
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            config._values[property.Name] = Text(property.Name, property.Value);
        }

        return config;
    }

    private static string Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(item => Text(name, item))),
        _ => throw new FormatException($"\"{name}\" in the configuration must be a string, a number, true, false or a list of these"),
    };
}
