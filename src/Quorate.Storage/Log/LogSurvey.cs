namespace Quorate.Storage;

/// <summary>
/// The first pass of recovery: it looks at all headers, and only at them, because the mark in the very last one decides whether damage
/// found anywhere before is a torn end or corruption.
/// </summary>
internal static class LogSurvey
{
    /// <summary>Finds where each segment begins in the log and where its last batch ends.</summary>
    /// <param name="segments">All segments, in ascending order of their numbers.</param>
    /// <param name="scanner">Walks them.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="ignoresMarks">A planted bug: only the heads of segments tell what was durable.</param>
    /// <returns>The highest durable mark of all.</returns>
    public static long Take(IReadOnlyList<Segment> segments, BatchScanner scanner, RecoveryProgress progress, bool ignoresMarks)
    {
        long mark = 0;
        foreach (Segment segment in segments)
        {
            scanner.Open(segment, LogFormat.SegmentHeaderBytes);
            while (scanner.MoveNext())
            {
                segment.First = scanner.Header.SegmentFirst;
                segment.End = scanner.Offset + scanner.Header.Length;
                mark = ignoresMarks ? mark : Math.Max(mark, scanner.Header.Mark);
                progress.At(segment.End);
            }

            mark = Math.Max(mark, segment.First - 1);
            progress.Finish(segment.File.Length);
        }

        Place(segments);
        return mark;
    }

    /// <summary>
    /// Makes the first positions rise along the row: a later segment takes everything from its first position on, and an unreadable
    /// one stands just before the next that is readable. Unreadable ones at the end stay without a place.
    /// </summary>
    private static void Place(IReadOnlyList<Segment> segments)
    {
        for (int i = segments.Count - 2; i >= 0; i--)
        {
            if (!segments[i + 1].IsPlaced)
            {
                continue;
            }

            long next = segments[i + 1].First;
            if (!segments[i].IsPlaced)
            {
                // The oldest one held something, nobody knows how much; in the middle the gap itself tells.
                segments[i].First = i == 0 ? Math.Max(1, next - 1) : next;
            }

            segments[i].First = Math.Min(segments[i].First, next);
        }
    }
}
