namespace Quorate.Cli.Tests;

/// <summary>Tests that touch what the whole process has once, such as its environment or its standard input, run one after the other.</summary>
[CollectionDefinition(nameof(EnvironmentCollection))]
public sealed class EnvironmentCollection;
