using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.Auth</c>: it says that nobody is asked who they are.</summary>
internal sealed class AuthService(DoorGroup group)
{
    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => AuthReflection.Descriptor)
        .Unary<AuthEnableRequest, AuthEnableResponse>(EtcdMethods.AuthEnable, AuthEnableRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthDisableRequest, AuthDisableResponse>(EtcdMethods.AuthDisable, AuthDisableRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthStatusRequest, AuthStatusResponse>(EtcdMethods.AuthStatus, AuthStatusRequest.Parser, Status)
        .Unary<AuthenticateRequest, AuthenticateResponse>(EtcdMethods.Authenticate, AuthenticateRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserAddRequest, AuthUserAddResponse>(EtcdMethods.AuthUserAdd, AuthUserAddRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserGetRequest, AuthUserGetResponse>(EtcdMethods.AuthUserGet, AuthUserGetRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserListRequest, AuthUserListResponse>(EtcdMethods.AuthUserList, AuthUserListRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserDeleteRequest, AuthUserDeleteResponse>(EtcdMethods.AuthUserDelete, AuthUserDeleteRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse>(EtcdMethods.AuthUserChangePassword, AuthUserChangePasswordRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse>(EtcdMethods.AuthUserGrantRole, AuthUserGrantRoleRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse>(EtcdMethods.AuthUserRevokeRole, AuthUserRevokeRoleRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleAddRequest, AuthRoleAddResponse>(EtcdMethods.AuthRoleAdd, AuthRoleAddRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleGetRequest, AuthRoleGetResponse>(EtcdMethods.AuthRoleGet, AuthRoleGetRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleListRequest, AuthRoleListResponse>(EtcdMethods.AuthRoleList, AuthRoleListRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleDeleteRequest, AuthRoleDeleteResponse>(EtcdMethods.AuthRoleDelete, AuthRoleDeleteRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse>(EtcdMethods.AuthRoleGrantPermission, AuthRoleGrantPermissionRequest.Parser, (_, _) => throw NotYet())
        .Unary<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse>(EtcdMethods.AuthRoleRevokePermission, AuthRoleRevokePermissionRequest.Parser, (_, _) => throw NotYet());

    private static RpcException NotYet() => EtcdErrors.NotYet("authentication");

    private ValueTask<AuthStatusResponse> Status(AuthStatusRequest request, ServerCall call) => ValueTask.FromResult(new AuthStatusResponse
    {
        Header = group.Header(group.State.Revision),
        Enabled = false,
    });
}
