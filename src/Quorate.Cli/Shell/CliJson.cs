using System.Text.Json.Serialization;
using Quorate.Cli.Up;

namespace Quorate.Cli.Shell;

/// <summary>Every document that the program writes or reads, generated at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterFile))]
internal sealed partial class CliJson : JsonSerializerContext;
