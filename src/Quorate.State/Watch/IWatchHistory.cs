namespace Quorate.State;

/// <summary>What watchers need of an immutable version of the keyspace. Readable from any thread.</summary>
public interface IWatchHistory
{
    /// <summary>The revision of its last write.</summary>
    long Revision { get; }

    /// <summary>The oldest revision whose events are all there; 0 when nothing was ever compacted.</summary>
    long CompactRevision { get; }

    /// <summary>Reads events in order of revision, those of the compact revision included.</summary>
    /// <param name="range">Which keys; revisions that touch none of them are passed over.</param>
    /// <param name="fromRevision">The first revision; not below <see cref="CompactRevision"/>.</param>
    /// <param name="maxRevisions">Most revisions to add, at least 1.</param>
    /// <param name="into">Gets whole revisions, each with the events of the range in the order of their operations.</param>
    /// <returns>The revision to go on from: above <paramref name="fromRevision"/>, and <see cref="Revision"/> + 1 when there is no more.</returns>
    /// <exception cref="Exception">A revision below <see cref="CompactRevision"/> was asked for.</exception>
    long ReadHistory(KeyRange range, long fromRevision, int maxRevisions, List<RevisionEvents> into);
}
