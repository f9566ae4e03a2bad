using Quorate.Codec;

namespace Quorate.Storage.Tests;

public sealed class LogBasicTests
{
    [Fact]
    public void An_empty_directory_gives_an_empty_log()
    {
        RecoveredLog recovered = LogBench.Recover(new MemoryDisk(), out LogVisitor visitor);

        Assert.Equal((0, 0, 1), (recovered.Log.LastPosition, recovered.Log.DurablePosition, recovered.Log.FirstPosition));
        Assert.True(recovered.Caption.IsEmpty);
        Assert.Null(recovered.Damage);
        Assert.Empty(visitor.Records);
    }

    [Fact]
    public void What_was_flushed_is_read_back_by_position_and_by_recovery()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        for (int i = 0; i < 50; i++)
        {
            log.Append(1 + (i % 5), length: 10 + (i * 3), caption: $"caption {i}");
        }

        Assert.Equal(log.LastPosition, log.DurablePosition);
        List<ReadOnlyMemory<byte>> read = LogBench.ReadAll(log);
        Assert.Equal(log.LastPosition, read.Count);

        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal("caption 49", LogBench.Text(recovered.Caption));
        Assert.Equal(log.LastPosition, recovered.CaptionPosition);
        Assert.Equal(log.LastPosition, recovered.Log.LastPosition);
        Assert.Equal(log.LastPosition, visitor.Records.Count);
        Assert.Equal(visitor.BytesTotal, visitor.BytesRead);
        LogBench.AssertTrue(visitor);
        Assert.Equal(read.Select(LogBench.Text), LogBench.ReadAll(recovered.Log).Select(LogBench.Text));
    }

    [Fact]
    public void Reading_begins_at_any_position_and_stops_at_the_bytes_asked_for()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk, new RecordLogOptions { SegmentBytes = 1 << 20 });
        for (int i = 0; i < 300; i++)
        {
            log.Append(i % 30, length: 200, flush: false);
        }

        log.Flush();
        for (long position = 1; position <= log.LastPosition; position += 7)
        {
            List<ReadOnlyMemory<byte>> records = [];
            log.Read(position, 1000, records);
            Assert.Equal(Math.Min(5, log.LastPosition - position + 1), records.Count);
            Assert.Equal(LogBench.Record(position, 200), records[0].ToArray());
        }

        List<ReadOnlyMemory<byte>> one = [];
        log.Read(3, 0, one);
        Assert.Single(one);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Read(log.LastPosition + 1, 1, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Read(0, 1, one));
    }

    [Fact]
    public void Empty_records_and_empty_captions_are_records_and_captions()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Write(default, [default, default]);
        log.Flush();

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal([1L, 2L], visitor.Records.Keys);
        Assert.All(visitor.Records.Values, Assert.Empty);
        Assert.Equal(2, LogBench.ReadAll(recovered.Log).Count);
    }

    [Fact]
    public void A_batch_larger_than_a_segment_gets_one_of_its_own()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(2);
        log.Append(3, length: 5000);
        log.Append(2);

        Assert.Equal(3, disk.List().Count(name => name.StartsWith("log-", StringComparison.Ordinal)));
        Assert.True(log.DiskBytes > 15000);
        LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal(7, visitor.Records.Count);
        LogBench.AssertTrue(visitor);
    }

    [Fact]
    public void A_caption_or_batch_that_is_too_long_is_refused_and_changes_nothing()
    {
        RecordLog log = LogBench.Open(new MemoryDisk());
        Assert.Throws<ArgumentException>(() => log.Write(new byte[(1 << 16) + 1], []));
        byte[] large = new byte[1 << 28];
        Assert.Throws<ArgumentException>(() => log.Write(default, [large, large, large, large]));
        log.Append(1);
        Assert.Equal(1, log.DurablePosition);
    }

    [Fact]
    public void Trimmed_segments_are_recycled_and_their_old_records_never_come_back()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        long most = 0;
        for (int i = 0; i < 400; i++)
        {
            log.Append(5, length: 60);
            log.TrimBefore(log.LastPosition - 20);
            most = Math.Max(most, log.DiskBytes);
            Assert.InRange(log.FirstPosition, Math.Max(1, log.LastPosition - 100), Math.Max(1, log.LastPosition - 20));
        }

        Assert.True(most <= 6 * 4096, $"{most} bytes on disk");
        Assert.Equal(log.DiskBytes, disk.UsedBytes);
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Null(recovered.Damage);
        Assert.Equal(2000, visitor.Records.Keys.Last());
        Assert.Equal(recovered.Log.FirstPosition, visitor.Records.Keys.First());
        LogBench.AssertTrue(visitor);
    }

    [Fact]
    public void The_newest_flushed_caption_survives_trimming_everything()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(1, length: 3500, caption: "flushed");
        log.Append(1, length: 3500, caption: "not flushed", flush: false);
        log.TrimBefore(long.MaxValue);
        disk.Crash(new LogRandom(1), CrashMode.DropAll);

        RecoveredLog recovered = LogBench.Recover(disk, out _);
        Assert.Equal("flushed", LogBench.Text(recovered.Caption));
        Assert.Equal(1, recovered.Log.LastPosition);
    }

    [Fact]
    public void Restarting_over_and_over_does_not_eat_the_disk()
    {
        MemoryDisk disk = new();
        LogBench.Open(disk).Append(1);
        for (int i = 0; i < 100; i++)
        {
            RecordLog log = LogBench.Open(disk);
            log.Append(1, length: 1);
            Assert.Equal(i + 2, log.LastPosition);
        }

        Assert.True(disk.UsedBytes <= 16 * 4096, $"{disk.UsedBytes} bytes on disk");
        LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal(101, visitor.Records.Count);
    }

    [Fact]
    public void A_full_disk_refuses_the_batch_and_the_log_goes_on_when_there_is_space()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.AllocateSpare();
        disk.CapacityBytes = disk.UsedBytes;
        Assert.False(log.NeedsSpare);
        while (!log.NeedsSpare)
        {
            log.Append(3, length: 250);
        }

        Assert.Throws<DiskFullException>(log.AllocateSpare);
        long last = 0;
        Assert.Throws<DiskFullException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                last = log.LastPosition;
                log.Append(3, length: 250);
            }
        });
        Assert.Equal((last, last), (log.LastPosition, log.DurablePosition));
        Assert.Throws<DiskFullException>(() => log.Append(3, length: 250));
        log.Append(1, length: 1);

        disk.CapacityBytes = long.MaxValue;
        log.Append(3, length: 250);
        log.AllocateSpare();
        LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal(last + 4, visitor.Records.Count);
        LogBench.AssertTrue(visitor);
    }

    [Fact]
    public void A_log_with_a_tail_that_nothing_marks_starts_on_a_full_disk_and_is_durable()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(1, length: 3500);
        log.Append(3, length: 900);
        log.Append(1, length: 100, caption: "tail", flush: false);
        disk.CapacityBytes = disk.UsedBytes;

        RecordLog second = LogBench.Open(disk);
        Assert.Equal(5, second.LastPosition);
        Assert.Throws<DiskFullException>(() => second.Append(1, length: 3000));
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal((5, "tail"), (visitor.Records.Count, LogBench.Text(recovered.Caption)));

        // Trimming is what makes room.
        recovered.Log.TrimBefore(5);
        Assert.Equal(2, recovered.Log.FirstPosition);
        recovered.Log.Append(1, length: 3000);
        Assert.Equal(6, LogBench.Open(disk).LastPosition);
    }

    [Fact]
    public void A_log_that_starts_on_a_full_disk_goes_on_where_it_ended_as_often_as_there_is_room_and_what_was_torn_there_never_comes_back()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(2);
        disk.CapacityBytes = disk.UsedBytes;
        byte[] before = [.. disk.Content(LogBench.Segment(disk, 0))];
        for (int start = 0; start < 4; start++)
        {
            // Two batches that were never flushed, and the first part of the first is lost.
            log.Append(3, length: 200, flush: false);
            log.Append(1, flush: false);
            byte[] torn = disk.Content(LogBench.Segment(disk, 0));
            torn.AsSpan(before.AsSpan().CommonPrefixLength(torn), 300).Clear();

            RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
            Assert.Null(recovered.Damage);
            Assert.Equal(2 + (3 * start), visitor.Records.Count);

            // What comes next ends before the second of them, and right before its positions.
            recovered.Log.Append(3, length: 10, caption: $"start {start}");
            disk.Crash(new LogRandom(1), CrashMode.DropAll);
            recovered = LogBench.Recover(disk, out visitor);
            Assert.Equal((5 + (3 * start), $"start {start}"), (visitor.Records.Count, LogBench.Text(recovered.Caption)));
            log = recovered.Log;
            before = [.. disk.Content(LogBench.Segment(disk, 0))];
        }
    }

    [Fact]
    public void A_caption_that_a_start_on_a_full_disk_has_given_out_is_durable()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(3, length: 900);
        log.Write(LogBench.Text("idle"), []);
        disk.CapacityBytes = disk.UsedBytes;
        Assert.Equal("idle", LogBench.Text(LogBench.Recover(disk, out _).Caption));
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        Assert.Equal("idle", LogBench.Text(LogBench.Recover(disk, out _).Caption));
    }

    [Fact]
    public void A_log_that_is_marked_durable_starts_on_a_full_disk()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(3, length: 900);
        Assert.True(log.NeedsMark);
        log.Mark("idle");
        Assert.False(log.NeedsMark);
        disk.CapacityBytes = disk.UsedBytes;

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal(3, visitor.Records.Count);
        Assert.Equal("idle", LogBench.Text(recovered.Caption));
        Assert.Throws<DiskFullException>(() => recovered.Log.Append(1, length: 3000));
        recovered.Log.Append(1);
        recovered.Log.TrimBefore(4);
        disk.CapacityBytes = long.MaxValue;
        recovered.Log.Append(1, length: 3000);
        Assert.Equal(5, LogBench.Open(disk).LastPosition);
    }

    [Fact]
    public void After_a_failed_flush_the_log_is_dead_and_nothing_more_is_durable()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(2);
        log.Append(2, flush: false);
        disk.FailFlush = disk.Flushes + 1;
        Assert.Throws<DiskFailedException>(log.Flush);

        Assert.Equal(2, log.DurablePosition);
        Assert.Throws<DiskFailedException>(log.Flush);
        Assert.Throws<DiskFailedException>(() => log.Append(1));
        Assert.Throws<DiskFailedException>(() => log.TrimBefore(1));
        Assert.Throws<DiskFailedException>(log.AllocateSpare);
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        Assert.Equal(2, LogBench.Open(disk).LastPosition);
    }

    [Fact]
    public void A_flush_of_nothing_costs_nothing_and_a_batch_costs_one_write_and_one_flush()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        (int calls, int flushes) = (disk.Calls, disk.Flushes);
        log.Append(10);
        Assert.Equal((2, 1), (disk.Calls - calls, disk.Flushes - flushes));
        log.Flush();
        Assert.Equal((2, 1), (disk.Calls - calls, disk.Flushes - flushes));
    }

    [Fact]
    public void Files_of_others_are_left_alone()
    {
        MemoryDisk disk = new();
        foreach (string name in (string[])["log-1.qlog", "log-x.qlog", "snapshot-1", "spare-0000000000000000.qlog", "LOCK"])
        {
            disk.Put(name, [1, 2, 3]);
        }

        LogBench.Open(disk).Append(1);
        Assert.Equal(6, disk.List().Count);
        Assert.Equal(1, LogBench.Open(disk).LastPosition);
    }

    [Fact]
    public void A_log_of_a_later_version_is_refused_untouched()
    {
        MemoryDisk disk = new();
        LogBench.Open(disk).Append(1);
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[8] = 2;
        uint checksum = Crc32C.Of(Crc32C.Seed, content.AsSpan(0, 60));
        BitConverter.TryWriteBytes(content.AsSpan(60), checksum);
        byte[] before = [.. content];

        Assert.Throws<NotSupportedException>(() => LogBench.Open(disk));
        Assert.Equal(before, disk.Content(LogBench.Segment(disk, 0)));
    }
}
