using Quorate.Consensus;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.Maintenance</c>.</summary>
internal sealed class MaintenanceService(DoorGroup group)
{
    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => MaintenanceReflection.Descriptor)
        .Unary<AlarmRequest, AlarmResponse>(EtcdMethods.MaintenanceAlarm, AlarmRequest.Parser, Alarm)
        .Unary<StatusRequest, StatusResponse>(EtcdMethods.MaintenanceStatus, StatusRequest.Parser, Status)
        .Unary<DefragmentRequest, DefragmentResponse>(EtcdMethods.MaintenanceDefragment, DefragmentRequest.Parser, Defragment)
        .Unary<HashRequest, HashResponse>(EtcdMethods.MaintenanceHash, HashRequest.Parser, Hash)
        .Unary<HashKVRequest, HashKVResponse>(EtcdMethods.MaintenanceHashKV, HashKVRequest.Parser, HashKvAsync)
        .Unary<MoveLeaderRequest, MoveLeaderResponse>(EtcdMethods.MaintenanceMoveLeader, MoveLeaderRequest.Parser, MoveLeaderAsync)
        .Unary<DowngradeRequest, DowngradeResponse>(
            EtcdMethods.MaintenanceDowngrade, DowngradeRequest.Parser, (_, _) => throw EtcdErrors.NotYet("downgrading"))
        .ServerStream<SnapshotRequest, SnapshotResponse>(
            EtcdMethods.MaintenanceSnapshot, SnapshotRequest.Parser, (_, _, _) => throw EtcdErrors.NotYet("taking a snapshot over the wire"));

    /// <summary>The alarm of this node. Alarms end by themselves when their cause does, so there is nothing to switch.</summary>
    private ValueTask<AlarmResponse> Alarm(AlarmRequest request, ServerCall call)
    {
        if (request.Action == AlarmRequest.Types.AlarmAction.Activate)
        {
            throw EtcdErrors.NotYet("raising an alarm by hand");
        }

        AlarmResponse response = new() { Header = group.Header(group.State.Revision) };
        GroupStatus status = group.Inner.Status;
        AlarmType type = DoorAlarm.TypeOf(status);
        if (type != AlarmType.None && (request.Alarm == AlarmType.None || request.Alarm == type) && request.Action == AlarmRequest.Types.AlarmAction.Get)
        {
            response.Alarms.Add(new AlarmMember { MemberID = status.NodeId.Value, Alarm = type });
        }

        return ValueTask.FromResult(response);
    }

    /// <summary>
    /// Both sizes are what the quota bounds: keys and values with the history that is kept. Nothing is ever fragmented, so all of it is in use;
    /// and the log is allocated ahead, so that what it takes on disk says nothing about the data (see <c>quorate_log_disk_bytes</c> on /metrics).
    /// </summary>
    private ValueTask<StatusResponse> Status(StatusRequest request, ServerCall call)
    {
        GroupStatus status = group.Inner.Status;
        StateVersion version = group.State;
        StatusResponse response = new()
        {
            Header = group.Header(version.Revision),
            Version = EtcdVersion.Server,
            DbSize = version.LogicalBytes,
            DbSizeInUse = version.LogicalBytes,
            DbSizeQuota = status.QuotaBytes,
            Leader = status.Leader.Value,
            RaftIndex = status.DecidedIndex,
            RaftTerm = status.Round,
            RaftAppliedIndex = status.AppliedIndex,
            IsLearner = status.Role == Role.Learner,
        };
        if (status.Leader.IsNone)
        {
            response.Errors.Add(EtcdErrors.NoLeaderText);
        }

        if (status.Alarm.Length > 0)
        {
            response.Errors.Add(status.Alarm);
        }

        return ValueTask.FromResult(response);
    }

    /// <summary>Nothing is ever fragmented: space is given back as it becomes free.</summary>
    private ValueTask<DefragmentResponse> Defragment(DefragmentRequest request, ServerCall call) =>
        ValueTask.FromResult(new DefragmentResponse());

    private ValueTask<HashResponse> Hash(HashRequest request, ServerCall call)
    {
        StateVersion version = group.State;
        return ValueTask.FromResult(new HashResponse
        {
            Header = group.Header(version.Revision),
            Hash = unchecked((uint)version.StateHash),
        });
    }

    private async ValueTask<HashKVResponse> HashKvAsync(HashKVRequest request, ServerCall call)
    {
        StateVersion version = group.State;
        try
        {
            // It goes through every version of every key: too long for the thread that serves a connection.
            KeyspaceHash hash = await Task.Run(() => version.HashKeyspace(request.Revision), call.CancellationToken).ConfigureAwait(false);
            return new HashKVResponse
            {
                Header = group.Header(version.Revision),
                Hash = hash.Hash,
                CompactRevision = hash.CompactRevision,
                HashRevision = hash.HashRevision,
            };
        }
        catch (StateException exception)
        {
            throw EtcdErrors.From(exception.Error);
        }
    }

    private async ValueTask<MoveLeaderResponse> MoveLeaderAsync(MoveLeaderRequest request, ServerCall call)
    {
        try
        {
            await group.Inner.TransferLeadershipAsync(new NodeId(request.TargetID), call.CancellationToken).ConfigureAwait(false);
            return new MoveLeaderResponse();
        }
        catch (GroupException exception) when (exception.Error == GroupError.Timeout)
        {
            throw EtcdErrors.Unmapped("etcdserver: request timed out, leader transfer took too long");
        }
        catch (GroupException exception)
        {
            throw EtcdErrors.From(exception);
        }
    }
}
