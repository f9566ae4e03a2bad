namespace Quorate.Grpc;

/// <summary>What the health service says of a service; the numbers are those of <c>grpc.health.v1</c>.</summary>
public enum ServingStatus
{
    /// <summary>Not told yet.</summary>
    Unknown = 0,

    /// <summary>It serves.</summary>
    Serving = 1,

    /// <summary>It does not serve now.</summary>
    NotServing = 2,

    /// <summary>There is no service of this name.</summary>
    ServiceUnknown = 3,
}
