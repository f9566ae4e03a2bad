namespace Quorate.Etcd;

/// <summary>What was measured under one combination of tags: a value, and for a histogram how often each bucket was hit.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, int bounds)
{
    private readonly long[] _counts = new long[bounds + 1];
    private long _valueBits;

    /// <summary>The value; of a histogram the sum.</summary>
    public double Value => BitConverter.Int64BitsToDouble(Interlocked.Read(ref _valueBits));

    public bool IsFor(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }

        for (int at = 0; at < tags.Length; at++)
        {
            if (tags[at].Key != others[at].Key || !Equals(tags[at].Value, others[at].Value))
            {
                return false;
            }
        }

        return true;
    }

    public string Labels(Func<string, string> labelOf) =>
        string.Join(',', tags.Select(tag => MetricsText.Label(labelOf(tag.Key), tag.Value?.ToString() ?? string.Empty)));

    public void Set(double value) => Interlocked.Exchange(ref _valueBits, BitConverter.DoubleToInt64Bits(value));

    public void Add(double value)
    {
        long seen = Interlocked.Read(ref _valueBits);
        while (true)
        {
            long sum = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(seen) + value);
            long found = Interlocked.CompareExchange(ref _valueBits, sum, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    public void Record(double value, IReadOnlyList<double> upperBounds)
    {
        int bucket = 0;
        while (bucket < upperBounds.Count && value > upperBounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Add(value);
    }

    /// <summary>How often each bucket was hit; the last one is for what lies above every bound.</summary>
    public long[] Counts()
    {
        long[] counts = new long[_counts.Length];
        for (int at = 0; at < counts.Length; at++)
        {
            counts[at] = Interlocked.Read(ref _counts[at]);
        }

        return counts;
    }
}
