using System.Text.Json.Serialization;
using Quorate.Cli.Bench;
using Quorate.Cli.Commands;
using Quorate.Cli.Sim;
using Quorate.Cli.Up;

namespace Quorate.Cli.Shell;

/// <summary>Every document that the program writes or reads, generated at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterFile))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(SimReport))]
internal sealed partial class CliJson : JsonSerializerContext;
