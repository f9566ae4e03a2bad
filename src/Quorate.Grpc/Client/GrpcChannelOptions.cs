namespace Quorate.Grpc;

/// <summary>How a <see cref="GrpcChannel"/> connects.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>The longest a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>An HTTP/2 ping is sent after this much silence, while a call is open.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The connection is given up when a ping is not answered for so long.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest message it accepts.</summary>
    public int MaxReceiveBytes { get; init; } = int.MaxValue;
}
