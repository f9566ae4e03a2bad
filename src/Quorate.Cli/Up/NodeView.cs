namespace Quorate.Cli.Up;

/// <summary>What a node says once it has answered a linearizable read.</summary>
internal sealed record NodeView(string ClusterId, string Id, string Role);
