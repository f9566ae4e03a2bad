using System.Buffers.Binary;
using System.Security.Cryptography;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>quoratepb.Session</c>: opens the sessions under which writes take effect once.</summary>
internal sealed class SessionService(DoorGroup group)
{
    private static readonly SessionLimits Limits = new();

    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => SessionReflection.Descriptor)
        .Unary<SessionOpenRequest, SessionOpenResponse>(QuorateMethods.SessionOpen, SessionOpenRequest.Parser, OpenAsync);

    /// <summary>The id is drawn here and never asked for again: that is what tells a session that was forgotten from a new one.</summary>
    private async ValueTask<SessionOpenResponse> OpenAsync(SessionOpenRequest request, ServerCall call)
    {
        UInt128 id = BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));
        group.RequireLeader(call);
        CommandResult result = await group.ProposeAsync(new OpenSessionCommand(id), call.TokenFor(group.Inner.RequestTimeout)).ConfigureAwait(false);
        return new SessionOpenResponse
        {
            Header = group.Header(result.Revision),
            Session = SessionMetadata.TextOf(id),
            Window = Limits.Window,
            IdleSeconds = (long)Limits.MaxIdle.TotalSeconds,
        };
    }
}
