namespace Quorate.Node.Tests;

public sealed class LogSizingTests
{
    private static readonly QuorateOptions Open = new() { DataDirectory = "/nowhere" };

    [Theory]
    [InlineData(100L << 30, 64L << 20, 64L << 20)]
    [InlineData(512L << 20, 32L << 20, 64L << 20)]
    [InlineData(58L << 20, 2L << 20, 4L << 20)]
    [InlineData(0, 1L << 20, 1L << 20)]
    public void What_nobody_said_is_small_beside_the_file_system(long diskBytes, long segmentBytes, long snapshotAfterBytes)
    {
        QuorateOptions resolved = LogSizing.Resolve(Open, diskBytes);
        Assert.Equal((segmentBytes, snapshotAfterBytes), (resolved.SegmentBytes, resolved.SnapshotAfterLogBytes));
    }

    [Fact]
    public void What_was_said_stays()
    {
        QuorateOptions said = Open with { SegmentBytes = 3 << 20, SnapshotAfterLogBytes = 5 << 20 };
        Assert.Equal(said, LogSizing.Resolve(said, 58L << 20));
    }
}
