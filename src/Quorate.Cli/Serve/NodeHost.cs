namespace Quorate.Cli.Serve;

/// <summary>Runs one node with its doors: the only place where the program and the node meet.</summary>
internal static class NodeHost
{
    /// <summary>
    /// Serves until the token is cancelled, then drains and hands leadership over. Calls <see cref="SystemdNotifier.Ready"/> once clients
    /// can connect.
    /// </summary>
    public static Task RunAsync(ServeSettings settings, CancellationToken cancellationToken) =>
        throw new NotImplementedException("NodeHost.RunAsync: the node is not wired in yet.");
}
