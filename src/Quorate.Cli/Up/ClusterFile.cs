using System.Text.Json;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Up;

/// <summary>One node in <c>cluster.json</c>.</summary>
/// <param name="Name">n1, n2, …</param>
/// <param name="Id">The identity made when its disk was formatted, in hexadecimal; empty until it has said so.</param>
/// <param name="Pid">The server's process, never a wrapper's; of its last run when it is down.</param>
/// <param name="ClientUrl">Where clients connect.</param>
/// <param name="PeerUrl">Where the other nodes connect.</param>
/// <param name="DataDir">Full path.</param>
/// <param name="LogFile">Full path of what it says.</param>
/// <param name="Args">Its arguments, <c>serve</c> first.</param>
internal sealed record ClusterNode(
    string Name, string Id, int Pid, string ClientUrl, string PeerUrl, string DataDir, string LogFile, IReadOnlyList<string> Args);

/// <summary>
/// <c>DIR/cluster.json</c>: what runs where, for scripts and for <c>quorate down</c>. Replaced atomically, so that a reader sees the
/// old file or the new one; two writers are kept apart by a lock.
/// </summary>
/// <param name="ClusterId">The founded cluster, in hexadecimal; empty until a node has said so.</param>
/// <param name="Protocol">The protocol it was founded with.</param>
/// <param name="Nodes">In the order of their names' numbers.</param>
internal sealed record ClusterFile(string ClusterId, string Protocol, IReadOnlyList<ClusterNode> Nodes)
{
    public const string FileName = "cluster.json";
    private const int LockAttempts = 100;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <returns><see langword="null"/> when no cluster was ever started there.</returns>
    /// <exception cref="CliException">The file is damaged.</exception>
    public static ClusterFile? Read(string directory)
    {
        string path = PathIn(directory);
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllText(path), CliJson.Default.ClusterFile)
                : null;
        }
        catch (JsonException exception)
        {
            throw new CliException($"{path} is damaged ({exception.Message}); move it away to start afresh", inner: exception);
        }
    }

    /// <summary>Reads, changes and replaces the file while nobody else does.</summary>
    public static async Task<ClusterFile> UpdateAsync(
        string directory, Func<ClusterFile?, ClusterFile> change, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        using FileStream held = await LockAsync(directory, cancellationToken).ConfigureAwait(false);
        ClusterFile changed = change(Read(directory));
        string path = PathIn(directory);
        string aside = $"{path}.{Environment.ProcessId}.new";
        using (FileStream stream = new(aside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, changed, CliJson.Default.ClusterFile);
            stream.WriteByte((byte)'\n');
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
        return changed;
    }

    public ClusterFile WithNode(ClusterNode node) =>
        this with { Nodes = [.. Nodes.Select(old => old.Name == node.Name ? node : old)] };

    private static async Task<FileStream> LockAsync(string directory, CancellationToken cancellationToken)
    {
        string path = PathIn(directory) + ".lock";
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < LockAttempts)
            {
                await Task.Delay(LockPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
