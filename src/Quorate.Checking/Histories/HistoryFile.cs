using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Quorate.Checking;

/// <summary>
/// Histories as text: one JSON object a line, in any order (checkers sort), UTF-8. Members that have their default, and empty lists, are left out.
/// </summary>
/// <remarks>
/// An operation:
/// <code>
/// {"client":3,"invoke":1200,"return":1450,"outcome":"ok","then":[{"kind":"put","key":"a","value":"17"}],"revision":9,"results":[{}]}
/// {"client":4,"invoke":1210,"return":1300,"outcome":"ok","if":[{"key":"a","target":"mod","relation":"equal","number":9}],
///  "then":[{"kind":"delete","key":"a","end":"b"}],"else":[{"kind":"range","key":"a"}],"revision":9,"tookElse":true,
///  "results":[{"found":[{"key":"a","value":"17","create":9,"mod":9,"version":1}]}]}
/// </code>
/// <c>outcome</c> is <c>ok</c>, <c>failed</c> (surely without effect) or <c>unknown</c>. A watch stream is one line too, see <see cref="WatchRecording"/>.
/// </remarks>
public static class HistoryFile
{
    private static readonly JsonSerializerOptions Options = new(HistoryJson.Default.Options)
    {
        TypeInfoResolver = HistoryJson.Default.WithAddedModifier(LeaveOutEmptyLists),
    };

    private static readonly JsonTypeInfo<Operation> OperationType = (JsonTypeInfo<Operation>)Options.GetTypeInfo(typeof(Operation));

    private static readonly JsonTypeInfo<WatchRecording> RecordingType = (JsonTypeInfo<WatchRecording>)Options.GetTypeInfo(typeof(WatchRecording));

    /// <summary>One operation as a line, without its end.</summary>
    public static string ToLine(Operation operation) => JsonSerializer.Serialize(operation, OperationType);

    /// <summary>One watch stream as a line, without its end.</summary>
    public static string ToLine(WatchRecording recording) => JsonSerializer.Serialize(recording, RecordingType);

    /// <summary>Reads operations; empty lines are passed over.</summary>
    /// <exception cref="FormatException">A line is not an operation; the message names it.</exception>
    public static List<Operation> ReadOperations(TextReader reader) => Read(reader, line => JsonSerializer.Deserialize(line, OperationType));

    /// <summary>Reads watch streams; empty lines are passed over.</summary>
    /// <exception cref="FormatException">A line is not a watch stream; the message names it.</exception>
    public static List<WatchRecording> ReadWatches(TextReader reader) => Read(reader, line => JsonSerializer.Deserialize(line, RecordingType));

    private static void LeaveOutEmptyLists(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.PropertyType.IsAssignableTo(typeof(IReadOnlyCollection<object>)))
            {
                property.ShouldSerialize = static (_, value) => value is IReadOnlyCollection<object> { Count: > 0 };
            }
        }
    }

    private static List<T> Read<T>(TextReader reader, Func<string, T?> parse)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(reader);
        var all = new List<T>();
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                all.Add(parse(line) ?? throw new JsonException("null is not a record."));
            }
            catch (JsonException problem)
            {
                throw new FormatException($"Line {number} is not a {typeof(T).Name}: {problem.Message}", problem);
            }
        }

        return all;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters =
    [
        typeof(CamelCaseConverter<Outcome>),
        typeof(CamelCaseConverter<StepKind>),
        typeof(CamelCaseConverter<GuardTarget>),
        typeof(CamelCaseConverter<GuardRelation>),
        typeof(CamelCaseConverter<WatchResponseKind>),
    ])]
[JsonSerializable(typeof(Operation))]
[JsonSerializable(typeof(WatchRecording))]
internal sealed partial class HistoryJson : JsonSerializerContext;

internal sealed class CamelCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
