namespace Quorate.Simulation;

/// <summary>What a state shows of itself as of one applied index.</summary>
internal readonly record struct ModelMoment(long Revision, long CompactRevision, long LeaseTimeMs, long KeyCount);

/// <summary>One version of a key in the model; a tombstone has no value.</summary>
internal sealed record ModelVersion(string Key, string? Value, long Create, long Mod, long Version, long Lease)
{
    public bool IsTombstone => Value is null;

    public override string ToString() => IsTombstone ? $"{Key} deleted m{Mod}" : $"{Key}={Value} c{Create} m{Mod} v{Version} l{Lease}";
}

/// <summary>A change in the model and what it replaced.</summary>
internal sealed record ModelEvent(ModelVersion Current, ModelVersion? Previous);

/// <summary>A lease in the model.</summary>
/// <param name="TtlSeconds">Its time to live.</param>
/// <param name="DeadlineMs">The lease time from which on it may be expired.</param>
/// <param name="SafeUntilUs">Before this virtual time it must not be expired, whatever any clock says.</param>
internal sealed record ModelLease(long TtlSeconds, long DeadlineMs, long SafeUntilUs);
