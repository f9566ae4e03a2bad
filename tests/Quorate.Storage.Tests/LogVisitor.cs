namespace Quorate.Storage.Tests;

/// <summary>Collects what recovery hands over.</summary>
internal sealed class LogVisitor : IRecoveryVisitor
{
    public SortedDictionary<long, byte[]> Records { get; } = [];

    public long BytesRead { get; private set; }

    public long BytesTotal { get; private set; }

    public void OnRecord(long position, ReadOnlySpan<byte> record)
    {
        Assert.True(Records.Count == 0 || position > Records.Keys.Last(), $"position {position} is out of order");
        Records.Add(position, record.ToArray());
    }

    public void OnProgress(long bytesRead, long bytesTotal)
    {
        Assert.True(bytesRead >= BytesRead && bytesRead <= bytesTotal);
        (BytesRead, BytesTotal) = (bytesRead, bytesTotal);
    }
}
