namespace Quorate.Storage.Tests;

/// <summary>Collects what recovery hands over.</summary>
internal sealed class LogVisitor : IRecoveryVisitor
{
    private long _lost;

    public SortedDictionary<long, byte[]> Records { get; } = [];

    /// <summary>The stretches that were told to be lost.</summary>
    public List<LogDamage> Lost { get; } = [];

    /// <summary>Called at the end, before anything is written.</summary>
    public Action? Ends { get; init; }

    /// <summary>The last records, if no header that speaks of them was left.</summary>
    public LogDamage? Unspoken { get; private set; }

    public long BytesRead { get; private set; }

    public long BytesTotal { get; private set; }

    public void OnRecord(long position, ReadOnlySpan<byte> record)
    {
        Assert.True(Records.Count == 0 || position > Records.Keys.Last(), $"position {position} is out of order");
        Records.Add(position, record.ToArray());
    }

    public void OnLost(LogDamage stretch)
    {
        Assert.True(stretch.First > _lost && stretch.Last >= stretch.First, $"{stretch} is out of order behind {_lost}");
        Assert.True(Records.Count == 0 || stretch.First > Records.Keys.Last(), $"{stretch} is told behind {Records.Keys.LastOrDefault()}");
        Lost.Add(stretch);
        _lost = stretch.Last;
    }

    public void OnEnd(ReadOnlyMemory<byte> caption, LogDamage? unspoken)
    {
        Assert.True(unspoken is null || (unspoken.First <= unspoken.Last && unspoken.Reason.Length > 0), $"{unspoken}");
        Unspoken = unspoken;
        Ends?.Invoke();
    }

    public void OnProgress(long bytesRead, long bytesTotal)
    {
        Assert.True(bytesRead >= BytesRead && bytesRead <= bytesTotal);
        (BytesRead, BytesTotal) = (bytesRead, bytesTotal);
    }
}
