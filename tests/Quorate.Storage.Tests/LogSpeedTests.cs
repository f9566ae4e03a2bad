using System.Diagnostics;

namespace Quorate.Storage.Tests;

/// <summary>Figures, for those who read the test output; only what they rest on is asserted.</summary>
public sealed class LogSpeedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public void Writing_records_of_300_bytes_allocates_nothing_that_grows_with_them(int batchRecords)
    {
        const int Records = 90_000;
        MemoryDisk disk = new() { TracksSectors = false };
        RecordLog log = LogBench.Open(disk, new RecordLogOptions());
        byte[] caption = new byte[100];
        ReadOnlyMemory<byte>[] batch = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[300], batchRecords).ToArray();
        Touch(disk.Content(LogBench.Segment(disk, 0)));
        Warm(caption, batch);

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        Write(log, caption, batch, Records);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        output.WriteLine($"{batchRecords} a batch: {elapsed.TotalNanoseconds / Records:F0} ns a record, {allocated} bytes allocated");
        // The buffer for one batch, and an entry of the index per 64 KiB.
        Assert.True(allocated < 3 * Records, $"{allocated} bytes");
    }

    [Fact]
    public void A_million_small_records_are_recovered()
    {
        const int Records = 1_000_000;
        MemoryDisk disk = new() { TracksSectors = false };
        RecordLog log = LogBench.Open(disk, new RecordLogOptions());
        ReadOnlyMemory<byte>[] batch = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[300], 50).ToArray();
        Write(log, new byte[100], batch, Records);
        log.Flush();

        Counter counter = new();
        long started = Stopwatch.GetTimestamp();
        RecoveredLog recovered = RecordLog.Recover(disk, new RecordLogOptions(), counter);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);

        output.WriteLine($"{Records} records of 300 bytes recovered in {elapsed.TotalMilliseconds:F0} ms, {counter.Reports} reports of progress");
        Assert.Null(recovered.Damage);
        Assert.Equal(Records, counter.Records);
        Assert.Equal(Records, recovered.Log.LastPosition);
        Assert.True(counter.Reports > 20);
    }

    /// <summary>The kernel hands out memory page by page; that time is not the log's.</summary>
    private static void Touch(byte[] content)
    {
        for (int i = 0; i < content.Length; i += 4096)
        {
            Volatile.Write(ref content[i], content[i]);
        }
    }

    /// <summary>Writes for long enough that the compiler has made the code as fast as it can.</summary>
    private static void Warm(byte[] caption, ReadOnlyMemory<byte>[] batch)
    {
        RecordLog log = LogBench.Open(new MemoryDisk { TracksSectors = false }, new RecordLogOptions { SegmentBytes = 1 << 20 });
        for (int i = 0; i < 500; i++)
        {
            Write(log, caption, batch, 1000);
            log.TrimBefore(log.LastPosition);
        }
    }

    private static void Write(RecordLog log, byte[] caption, ReadOnlyMemory<byte>[] batch, int records)
    {
        for (int written = 0; written < records; written += batch.Length)
        {
            log.Write(caption, batch);
        }
    }

    private sealed class Counter : IRecoveryVisitor
    {
        public int Records { get; private set; }

        public int Reports { get; private set; }

        public void OnRecord(long position, ReadOnlySpan<byte> record) => Records++;

        public void OnLost(LogDamage stretch) => Assert.Fail(stretch.Reason);

        public void OnEnd(ReadOnlyMemory<byte> caption, LogDamage? unspoken)
        {
        }

        public void OnProgress(long bytesRead, long bytesTotal) => Reports++;
    }
}
