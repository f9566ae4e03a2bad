namespace Quorate.Client;

/// <summary>How a key is written.</summary>
public sealed record PutOptions
{
    /// <summary>The lease that the key hangs on; 0 for none.</summary>
    public long LeaseId { get; init; }

    /// <summary>Asks for what stood there before.</summary>
    public bool ReturnPrevious { get; init; }

    /// <summary>Keeps the value that is there and changes only the lease; the key must exist.</summary>
    public bool KeepValue { get; init; }

    /// <summary>Keeps the lease that is there; the key must exist.</summary>
    public bool KeepLease { get; init; }
}
