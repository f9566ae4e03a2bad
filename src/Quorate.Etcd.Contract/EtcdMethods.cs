namespace Quorate.Etcd.Contract;

/// <summary>The full names of the calls, as they stand in the path of a gRPC request.</summary>
public static class EtcdMethods
{
    /// <summary><c>KV.Range</c>.</summary>
    public const string Range = "/etcdserverpb.KV/Range";

    /// <summary><c>KV.Put</c>.</summary>
    public const string Put = "/etcdserverpb.KV/Put";

    /// <summary><c>KV.DeleteRange</c>.</summary>
    public const string DeleteRange = "/etcdserverpb.KV/DeleteRange";

    /// <summary><c>KV.Txn</c>.</summary>
    public const string Txn = "/etcdserverpb.KV/Txn";

    /// <summary><c>KV.Compact</c>.</summary>
    public const string Compact = "/etcdserverpb.KV/Compact";

    /// <summary><c>Watch.Watch</c>.</summary>
    public const string Watch = "/etcdserverpb.Watch/Watch";

    /// <summary><c>Lease.LeaseGrant</c>.</summary>
    public const string LeaseGrant = "/etcdserverpb.Lease/LeaseGrant";

    /// <summary><c>Lease.LeaseRevoke</c>.</summary>
    public const string LeaseRevoke = "/etcdserverpb.Lease/LeaseRevoke";

    /// <summary><c>Lease.LeaseKeepAlive</c>.</summary>
    public const string LeaseKeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";

    /// <summary><c>Lease.LeaseTimeToLive</c>.</summary>
    public const string LeaseTimeToLive = "/etcdserverpb.Lease/LeaseTimeToLive";

    /// <summary><c>Lease.LeaseLeases</c>.</summary>
    public const string LeaseLeases = "/etcdserverpb.Lease/LeaseLeases";

    /// <summary><c>Cluster.MemberAdd</c>.</summary>
    public const string MemberAdd = "/etcdserverpb.Cluster/MemberAdd";

    /// <summary><c>Cluster.MemberRemove</c>.</summary>
    public const string MemberRemove = "/etcdserverpb.Cluster/MemberRemove";

    /// <summary><c>Cluster.MemberUpdate</c>.</summary>
    public const string MemberUpdate = "/etcdserverpb.Cluster/MemberUpdate";

    /// <summary><c>Cluster.MemberList</c>.</summary>
    public const string MemberList = "/etcdserverpb.Cluster/MemberList";

    /// <summary><c>Cluster.MemberPromote</c>.</summary>
    public const string MemberPromote = "/etcdserverpb.Cluster/MemberPromote";

    /// <summary><c>Maintenance.Alarm</c>.</summary>
    public const string MaintenanceAlarm = "/etcdserverpb.Maintenance/Alarm";

    /// <summary><c>Maintenance.Status</c>.</summary>
    public const string MaintenanceStatus = "/etcdserverpb.Maintenance/Status";

    /// <summary><c>Maintenance.Defragment</c>.</summary>
    public const string MaintenanceDefragment = "/etcdserverpb.Maintenance/Defragment";

    /// <summary><c>Maintenance.Hash</c>.</summary>
    public const string MaintenanceHash = "/etcdserverpb.Maintenance/Hash";

    /// <summary><c>Maintenance.HashKV</c>.</summary>
    public const string MaintenanceHashKV = "/etcdserverpb.Maintenance/HashKV";

    /// <summary><c>Maintenance.Snapshot</c>.</summary>
    public const string MaintenanceSnapshot = "/etcdserverpb.Maintenance/Snapshot";

    /// <summary><c>Maintenance.MoveLeader</c>.</summary>
    public const string MaintenanceMoveLeader = "/etcdserverpb.Maintenance/MoveLeader";

    /// <summary><c>Maintenance.Downgrade</c>.</summary>
    public const string MaintenanceDowngrade = "/etcdserverpb.Maintenance/Downgrade";

    /// <summary><c>Auth.AuthEnable</c>.</summary>
    public const string AuthEnable = "/etcdserverpb.Auth/AuthEnable";

    /// <summary><c>Auth.AuthDisable</c>.</summary>
    public const string AuthDisable = "/etcdserverpb.Auth/AuthDisable";

    /// <summary><c>Auth.AuthStatus</c>.</summary>
    public const string AuthStatus = "/etcdserverpb.Auth/AuthStatus";

    /// <summary><c>Auth.Authenticate</c>.</summary>
    public const string Authenticate = "/etcdserverpb.Auth/Authenticate";

    /// <summary><c>Auth.UserAdd</c>.</summary>
    public const string AuthUserAdd = "/etcdserverpb.Auth/UserAdd";

    /// <summary><c>Auth.UserGet</c>.</summary>
    public const string AuthUserGet = "/etcdserverpb.Auth/UserGet";

    /// <summary><c>Auth.UserList</c>.</summary>
    public const string AuthUserList = "/etcdserverpb.Auth/UserList";

    /// <summary><c>Auth.UserDelete</c>.</summary>
    public const string AuthUserDelete = "/etcdserverpb.Auth/UserDelete";

    /// <summary><c>Auth.UserChangePassword</c>.</summary>
    public const string AuthUserChangePassword = "/etcdserverpb.Auth/UserChangePassword";

    /// <summary><c>Auth.UserGrantRole</c>.</summary>
    public const string AuthUserGrantRole = "/etcdserverpb.Auth/UserGrantRole";

    /// <summary><c>Auth.UserRevokeRole</c>.</summary>
    public const string AuthUserRevokeRole = "/etcdserverpb.Auth/UserRevokeRole";

    /// <summary><c>Auth.RoleAdd</c>.</summary>
    public const string AuthRoleAdd = "/etcdserverpb.Auth/RoleAdd";

    /// <summary><c>Auth.RoleGet</c>.</summary>
    public const string AuthRoleGet = "/etcdserverpb.Auth/RoleGet";

    /// <summary><c>Auth.RoleList</c>.</summary>
    public const string AuthRoleList = "/etcdserverpb.Auth/RoleList";

    /// <summary><c>Auth.RoleDelete</c>.</summary>
    public const string AuthRoleDelete = "/etcdserverpb.Auth/RoleDelete";

    /// <summary><c>Auth.RoleGrantPermission</c>.</summary>
    public const string AuthRoleGrantPermission = "/etcdserverpb.Auth/RoleGrantPermission";

    /// <summary><c>Auth.RoleRevokePermission</c>.</summary>
    public const string AuthRoleRevokePermission = "/etcdserverpb.Auth/RoleRevokePermission";

    /// <summary><c>Lock.Lock</c>.</summary>
    public const string Lock = "/v3lockpb.Lock/Lock";

    /// <summary><c>Lock.Unlock</c>.</summary>
    public const string Unlock = "/v3lockpb.Lock/Unlock";

    /// <summary><c>Election.Campaign</c>.</summary>
    public const string ElectionCampaign = "/v3electionpb.Election/Campaign";

    /// <summary><c>Election.Proclaim</c>.</summary>
    public const string ElectionProclaim = "/v3electionpb.Election/Proclaim";

    /// <summary><c>Election.Leader</c>.</summary>
    public const string ElectionLeader = "/v3electionpb.Election/Leader";

    /// <summary><c>Election.Observe</c>.</summary>
    public const string ElectionObserve = "/v3electionpb.Election/Observe";

    /// <summary><c>Election.Resign</c>.</summary>
    public const string ElectionResign = "/v3electionpb.Election/Resign";
}
