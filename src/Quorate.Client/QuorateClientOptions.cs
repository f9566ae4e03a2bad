namespace Quorate.Client;

/// <summary>Where a <see cref="QuorateClient"/> connects and how long it tries.</summary>
public sealed record QuorateClientOptions
{
    /// <summary>The client URLs of the cluster, such as <c>http://127.0.0.1:2379</c>; the more, the fewer failures are seen.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How long one call may take, with its retries and with the waiting for a leader.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether writes go under a session, so that one whose connection breaks is sent again to another endpoint and still takes
    /// effect once. The first write opens the session, which costs one more. Servers that know no sessions, such as etcd, are served
    /// without.
    /// </summary>
    public bool UseSessions { get; init; } = true;

    /// <summary>
    /// How long one endpoint may take over a read, or a write under a session, before another is asked. Longer than etcd's own limit of 7 s, so that an endpoint that
    /// waits for a leader is heard out.
    /// </summary>
    public TimeSpan ReadAttemptTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause after an endpoint's first failure; doubles with every further one.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause for an endpoint.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(2);
}
