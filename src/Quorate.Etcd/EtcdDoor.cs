using Microsoft.Extensions.Logging;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;

namespace Quorate.Etcd;

/// <summary>
/// The door that etcd's v3 clients come in by: it turns their calls into commands, reads and watches of one group, and the
/// answers back. It holds nothing durable.
/// </summary>
public sealed class EtcdDoor : IAsyncDisposable
{
    private readonly ClientPort _port;
    private readonly LeaderWatch _leader;
    private readonly MeterMirror _meters;

    private EtcdDoor(ClientPort port, LeaderWatch leader, MeterMirror meters)
    {
        _port = port;
        _leader = leader;
        _meters = meters;
    }

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<Uri> Addresses => _port.Addresses;

    /// <summary>Opens the door of a group that is already running.</summary>
    /// <param name="group">The group.</param>
    /// <param name="options">Where to listen, and bounds.</param>
    /// <param name="loggerFactory">Where to log to.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="IOException">An address is taken.</exception>
    /// <exception cref="ArgumentException">A URL is not one to listen at.</exception>
    public static async Task<EtcdDoor> StartAsync(
        IGroup group,
        EtcdDoorOptions options,
        ILoggerFactory loggerFactory,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(options);
        PortHolder holder = new();
        LeaderWatch leader = new(group, holder.Tell);
        MeterMirror meters = new(scope: group);
        try
        {
            GrpcServiceMap map = CreateMap(new DoorGroup(group, leader), leader, options);
            MetricsPage metrics = new(group, map, meters);
            Pages pages = new(new HealthPages(new DoorGroup(group, leader)), metrics);
            ClientPort port = await ClientPort.StartAsync(
                new ClientPortOptions
                {
                    Urls = options.ListenClientUrls,
                    Grpc = map,
                    Pages = pages.ServeAsync,
                    MaxReceiveBytes = options.MaxRequestBytes + (512 * 1024),
                    DrainTimeout = options.DrainTimeout,
                    DrainMessage = EtcdErrors.StoppedText,
                },
                loggerFactory,
                cancellationToken).ConfigureAwait(false);
            metrics.Port = port;
            holder.Port = port;
            return new EtcdDoor(port, leader, meters);
        }
        catch
        {
            await leader.DisposeAsync().ConfigureAwait(false);
            meters.Dispose();
            throw;
        }
    }

    /// <summary>Closes the door: streams are told, calls may end within the drain timeout, then connections are cut.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _port.StopAsync(cancellationToken);

    /// <summary>Closes the door, if that has not happened yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await _port.DisposeAsync().ConfigureAwait(false);
        await _leader.DisposeAsync().ConfigureAwait(false);
        _meters.Dispose();
    }

    private static GrpcServiceMap CreateMap(DoorGroup group, LeaderWatch leader, EtcdDoorOptions options)
    {
        GrpcServiceMap map = new();
        LeaseService leases = new(group, leader, options);
        Turn turn = new(group);
        new KvService(group, options).AddTo(map);
        new WatchService(group, leader, options).AddTo(map);
        leases.AddTo(map);
        new SessionService(group).AddTo(map);
        new ClusterService(group).AddTo(map);
        new MaintenanceService(group).AddTo(map);
        new AuthService(group).AddTo(map);
        new LockService(group, leases, turn).AddTo(map);
        new ElectionService(group, leases, turn, new ElectionObserver(group, leader)).AddTo(map);
        return map;
    }

    /// <summary>Says on the health service what the group's status means for clients.</summary>
    private sealed class PortHolder
    {
        public volatile ClientPort? Port;

        public void Tell(GroupStatus status)
        {
            bool serves = !status.Leader.IsNone && DoorAlarm.TypeOf(status) != AlarmType.Corrupt;
            Port?.Health.Set(string.Empty, serves ? ServingStatus.Serving : ServingStatus.NotServing);
        }
    }
}
