using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Node;

/// <summary>
/// A running node, embedded in this process: the same code that <c>quorate serve</c> runs. Doors and applications speak to its
/// <see cref="Group"/>. It measures itself on a <see cref="System.Diagnostics.Metrics.Meter"/> and tells its spans on a
/// <see cref="ActivitySource"/>, both named <c>Quorate.Node</c>; the meter's scope is <see cref="Group"/>.
/// </summary>
public sealed partial class QuorateNode : IAsyncDisposable
{
    private readonly FileDisk _disk;
    private readonly GroupLoop _loop;
    private readonly AutoCompactor _compactor;
    private readonly NodeMetrics _metrics = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopped;

    private QuorateNode(QuorateOptions options, FileDisk disk, RecoveredReplica recovered)
    {
        _disk = disk;
        ILogger logger = options.LoggerFactory.CreateLogger("Quorate.Node");
        ReplicaOptions replica = ReplicaOptionsOf(options);
        _loop = new GroupLoop(recovered, replica, options, logger, _metrics, failure => _ended.TrySetResult(failure));
        Group = new Group(_loop, options, replica.RequestTimeout);
        _metrics.Publish(Group, _loop, disk);
        _compactor = new AutoCompactor(Group, options.AutoCompactionRetention, options.AutoCompactionRevisions, logger);
    }

    /// <summary>The replicated group on this node.</summary>
    public IGroup Group { get; }

    /// <summary>Ends when the node has stopped: with <see langword="null"/> after <see cref="DisposeAsync"/>, else with what forced it to.</summary>
    public Task<Exception?> Ended => _ended.Task;

    /// <summary>
    /// Opens the data directory, recovers what it holds and takes part in the cluster. Returns when the node is ready to be
    /// asked, which may be before a leader is known.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="ArgumentException">An option is out of bounds.</exception>
    /// <exception cref="DirectoryInUseException">Another process holds the data directory.</exception>
    /// <exception cref="IOException">The disk cannot be read, or what it holds cannot be trusted; the message names the remedy.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address for peers is taken.</exception>
    public static async Task<QuorateNode> StartAsync(QuorateOptions options, CancellationToken cancellationToken = default)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Quorate's durability is proved on Linux x64 only; it does not run elsewhere.");
        }

        using Activity? activity = NodeActivity.Source.StartActivity("quorate.start");
        options.Validate();
        var disk = new FileDisk(options.DataDirectory, options.UnsafeNoFlush);
        try
        {
            options = LogSizing.Resolve(options, disk.TotalBytes);
            RecoveredReplica recovered = await Task.Run(() => Recover(disk, options), cancellationToken).ConfigureAwait(false);
            var node = new QuorateNode(options, disk, recovered);
            node.Open(options);
            return node;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Hands leadership over if this node leads, then stops: nothing acknowledged is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            await _ended.Task.ConfigureAwait(false);
            return;
        }

        await _compactor.DisposeAsync().ConfigureAwait(false);
        await HandOverAsync().ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _disk.Dispose();
        _ended.TrySetResult(null);
    }

    private static RecoveredReplica Recover(FileDisk disk, QuorateOptions options)
    {
        var freshId = new NodeId(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1);
        var progress = new RecoveryProgress(options.LoggerFactory.CreateLogger("Quorate.Node"));
        RecoveredReplica recovered = ReplicaRecovery.Recover(
            disk,
            options.Name,
            freshId,
            new RecordLogOptions { SegmentBytes = options.SegmentBytes },
            new StateOptions(),
            progress.Report);
        progress.Finish(recovered);
        return recovered;
    }

    private static ReplicaOptions ReplicaOptionsOf(QuorateOptions options) => new()
    {
        HeartbeatInterval = options.HeartbeatInterval,
        ElectionTimeout = options.ElectionTimeout,
        SnapshotAfterLogBytes = options.SnapshotAfterLogBytes,
        MaxLogBytesInMemory = options.LogBytesInMemory,
        Founding = new FoundingPlan(
            options.Protocol,
            options.EffectiveAdvertisePeer,
            options.AdvertiseClient,
            options.InitialCluster.Count > 0
                ? options.InitialCluster.OrderBy(founder => founder.Name, StringComparer.Ordinal).ToList()
                : [new Founder(options.Name, options.EffectiveAdvertisePeer)]),
        Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
    };

    private void Open(QuorateOptions options)
    {
        _loop.Start();
        if (options.ListenPeer.Length == 0)
        {
            return;
        }

        _loop.Network.Listen(options.ListenPeer);
        foreach (Founder founder in options.InitialCluster.Where(founder => founder.Name != options.Name))
        {
            _loop.Network.Dial(founder.PeerAddress);
        }
    }

    private async Task HandOverAsync()
    {
        using var timeout = new CancellationTokenSource(Group.ElectionTimeout);
        try
        {
            NodeId successor = await _loop.CallAsync(replica => replica.Successor()).WaitAsync(timeout.Token).ConfigureAwait(false);
            if (!successor.IsNone)
            {
                await Group.TransferLeadershipAsync(successor, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is GroupException or OperationCanceledException)
        {
            // The others elect a leader by themselves when this connection closes.
        }
    }
}
