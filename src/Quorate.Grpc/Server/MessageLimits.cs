namespace Quorate.Grpc.Server;

/// <summary>How large a message may be.</summary>
/// <param name="MaxReceiveBytes">The largest request message, after decompression too.</param>
internal sealed record MessageLimits(int MaxReceiveBytes);
