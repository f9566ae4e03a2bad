namespace Quorate.Cli.Bench.Http2;

/// <summary>One open call of a <see cref="LoadConnection"/>.</summary>
internal sealed class LoadStream
{
    public int Id { get; set; }

    /// <summary>When the call began, or should have; the caller's own clock.</summary>
    public long StartedAt { get; set; }

    /// <summary>Anything of the caller's.</summary>
    public long Tag { get; set; }

    /// <summary>What the peer still allows to be sent on this stream.</summary>
    public long SendWindow { get; set; }

    /// <summary>Received since the peer's window was last opened again.</summary>
    public long Unacknowledged { get; set; }

    /// <summary>A message of which a part has come.</summary>
    public byte[] Partial { get; set; } = [];

    public int PartialBytes { get; set; }
}

/// <summary>Whoever drives a connection hears of its calls here, on the loop's thread.</summary>
internal interface ILoadHandler
{
    /// <summary>A message came; the bytes are gone after the call.</summary>
    void OnMessage(LoadConnection connection, LoadStream stream, ReadOnlySpan<byte> message);

    /// <summary>A call is over.</summary>
    /// <param name="connection">Where it was.</param>
    /// <param name="stream">The call; used again after this.</param>
    /// <param name="status">gRPC's number; 0 is success, −1 a reset stream.</param>
    /// <param name="message">The server's words.</param>
    void OnEnd(LoadConnection connection, LoadStream stream, int status, string message);
}
