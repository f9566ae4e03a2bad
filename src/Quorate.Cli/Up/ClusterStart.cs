using System.Collections.Concurrent;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Up;

/// <summary>A node that started, and what it said.</summary>
internal sealed record StartedNode(NodeProcess Process, NodeView View);

/// <summary>Starts nodes and waits until all serve, or stops them all and says why they do not.</summary>
internal sealed class ClusterStart(string program, string dataDirectory, bool detached, TimeSpan patience)
{
    private const int TailLines = 12;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <exception cref="CliException">A node ended or did not serve in time; none of them runs any more.</exception>
    public async Task<IReadOnlyList<StartedNode>> RunAsync(
        IReadOnlyList<ClusterNode> nodes, Func<ClusterNode, CancellationToken, Task<NodeView>> waitUntilReady, CancellationToken stop)
    {
        List<NodeProcess> processes = [];
        ConcurrentDictionary<string, long> logBegins = new(nodes.Select(node => KeyValuePair.Create(node.Name, LogTail.LengthOf(node.LogFile))));
        try
        {
            foreach (ClusterNode node in nodes)
            {
                processes.Add(await NodeProcess.StartAsync(program, node, detached).ConfigureAwait(false));
            }

            await RecordAsync(processes, null, stop).ConfigureAwait(false);
            NodeView[] views = await WaitAsync(processes, logBegins, waitUntilReady, stop).ConfigureAwait(false);
            await RecordAsync(processes, views, stop).ConfigureAwait(false);
            return [.. processes.Zip(views, (process, view) => new StartedNode(process, view))];
        }
        catch
        {
            await StopAsync(processes).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks all to stop and waits; kills what does not within the time.</summary>
    /// <returns>The names of those that had to be killed.</returns>
    public static async Task<IReadOnlyList<string>> StopAsync(IReadOnlyList<NodeProcess> processes)
    {
        foreach (NodeProcess process in processes)
        {
            process.Terminate();
        }

        Task all = Task.WhenAll(processes.Select(process => process.Exited));
        await Task.WhenAny(all, Task.Delay(StopPatience)).ConfigureAwait(false);
        NodeProcess[] stubborn = [.. processes.Where(process => !process.Exited.IsCompleted)];
        foreach (NodeProcess process in stubborn)
        {
            process.Kill();
        }

        await all.ConfigureAwait(false);
        return [.. stubborn.Select(process => process.Node.Name)];
    }

    private async Task<NodeView[]> WaitAsync(
        List<NodeProcess> processes,
        ConcurrentDictionary<string, long> logBegins,
        Func<ClusterNode, CancellationToken, Task<NodeView>> waitUntilReady,
        CancellationToken stop)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(patience);
        Task<NodeView>[] waits = [.. processes.Select(process => waitUntilReady(process.Node, limited.Token))];
        Task<NodeView[]> all = Task.WhenAll(waits);
        Task<int>[] exits = [.. processes.Select(process => process.Exited)];
        try
        {
            await Task.WhenAny([all, .. exits]).ConfigureAwait(false);
            NodeProcess? dead = processes.FirstOrDefault(process => process.Exited.IsCompleted);
            if (dead is null)
            {
                return await all.ConfigureAwait(false);
            }

            int code = await dead.Exited.ConfigureAwait(false);
            throw Failure(dead.Node, $"{dead.Node.Name} exited ({NodeProcess.Describe(code)}) before it served", logBegins);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            int silent = Array.FindIndex(waits, wait => !wait.IsCompletedSuccessfully);
            ClusterNode node = processes[Math.Max(0, silent)].Node;
            throw Failure(node, $"{node.Name} did not answer a linearizable read within {patience.TotalSeconds:0.#} s", logBegins);
        }
        finally
        {
            await limited.CancelAsync().ConfigureAwait(false);
            await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static CliException Failure(ClusterNode node, string what, ConcurrentDictionary<string, long> logBegins)
    {
        string tail = LogTail.Read(node.LogFile, logBegins.GetValueOrDefault(node.Name), TailLines);
        return new CliException($"{what}; the end of {node.LogFile}:\n{(tail.Length > 0 ? tail : "    (empty)")}");
    }

    private async Task RecordAsync(List<NodeProcess> processes, NodeView[]? views, CancellationToken stop) =>
        await ClusterFile.UpdateAsync(
            dataDirectory,
            file =>
            {
                ClusterFile changed = file ?? throw new CliException($"{ClusterFile.PathIn(dataDirectory)} vanished");
                for (int index = 0; index < processes.Count; index++)
                {
                    ClusterNode node = processes[index].Node;
                    changed = changed.WithNode(views is null ? node : node with { Id = views[index].Id });
                }

                return views is null ? changed : changed with { ClusterId = views[0].ClusterId };
            },
            stop).ConfigureAwait(false);
}
