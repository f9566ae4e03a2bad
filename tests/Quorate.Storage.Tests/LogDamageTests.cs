namespace Quorate.Storage.Tests;

public sealed class LogDamageTests
{
    /// <summary>Three segments: two full, and a last one that ends with a batch which no header marks as durable.</summary>
    private static MemoryDisk ThreeSegments(out long marked, out long last)
    {
        MemoryDisk disk = new();
        RecordLogOptions options = new() { SegmentBytes = 1024 };
        RecordLog log = LogBench.Open(disk, options);
        for (int i = 0; log.LastPosition < 17; i++)
        {
            log.Append(1 + (i % 3), length: 60, caption: $"c{i}");
            if (i % 4 == 3)
            {
                log.Mark($"idle{i}");
            }
        }

        marked = log.DurablePosition;
        log.Append(2, length: 60, caption: "tail");
        last = log.LastPosition;
        Assert.Equal(3, disk.List().Count(name => name.StartsWith("log-", StringComparison.Ordinal)));
        return disk;
    }

    private static readonly RecordLogOptions Tiny = new() { SegmentBytes = 1024 };

    /// <summary>Whatever was done to the bytes: no wrong record, no silent hole, and the log goes on from a place that stays.</summary>
    private static RecoveredLog AssertSound(MemoryDisk disk, long marked, long last)
    {
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, Tiny);
        LogBench.AssertTrue(visitor);
        Assert.InRange(recovered.Log.LastPosition, marked, last);
        AssertHolesAreReported(recovered, visitor);

        RecordLog log = recovered.Log;
        long due = log.LastPosition + 1;
        log.Append(2, length: 60, caption: "new");
        Assert.Equal(LogBench.Record(due, 60), ReadOne(log, due));
        RecoveredLog again = LogBench.Recover(disk, out LogVisitor second, Tiny);
        Assert.Equal(recovered.Damage?.First, again.Damage?.First);
        Assert.Equal(recovered.Damage?.Last, again.Damage?.Last);
        Assert.Equal("new", LogBench.Text(again.Caption));
        Assert.Equal(visitor.Records.Keys.Concat([due, due + 1]), second.Records.Keys);
        LogBench.AssertTrue(second);
        return recovered;
    }

    private static byte[] ReadOne(RecordLog log, long position)
    {
        List<ReadOnlyMemory<byte>> records = [];
        log.Read(position, 0, records);
        return records.Single().ToArray();
    }

    private static void AssertHolesAreReported(RecoveredLog recovered, LogVisitor visitor)
    {
        long? firstHole = null;
        for (long position = recovered.Log.FirstPosition; position <= recovered.Log.LastPosition; position++)
        {
            if (visitor.Records.TryGetValue(position, out byte[]? record))
            {
                Assert.Equal(record, ReadOne(recovered.Log, position));
                continue;
            }

            firstHole ??= position;
            long hole = position;
            Assert.Throws<CorruptionException>(() => ReadOne(recovered.Log, hole));
        }

        Assert.Equal(firstHole, recovered.Damage?.First);
        List<long> lost = [.. visitor.Lost.SelectMany(stretch => Enumerable.Range(0, (int)(stretch.Last - stretch.First) + 1).Select(i => stretch.First + i))];
        Assert.Equal(lost, lost.Except(visitor.Records.Keys));
        Assert.Equal(recovered.Log.LastPosition - recovered.Log.FirstPosition + 1, visitor.Records.Count + lost.Count);
        Assert.Equal(recovered.CaptionPosition < recovered.Log.LastPosition, visitor.Unspoken is not null);
        if (recovered.Damage is { } damage)
        {
            Assert.InRange(damage.Last, damage.First, recovered.Log.LastPosition);
            Assert.NotEmpty(damage.Reason);
            for (long position = damage.First; position <= damage.Last; position++)
            {
                Assert.False(visitor.Records.ContainsKey(position));
            }
        }
    }

    [Fact]
    public void Every_flip_of_a_bit_is_found_or_cut_or_harmless_and_never_delivered()
    {
        MemoryDisk whole = ThreeSegments(out long marked, out long last);
        int damaged = 0;
        int cut = 0;
        foreach (string name in whole.List())
        {
            for (int bit = 0; bit < whole.Content(name).Length * 8; bit++)
            {
                MemoryDisk disk = whole.Copy();
                disk.Content(name)[bit / 8] ^= (byte)(1 << (bit % 8));
                RecoveredLog recovered = AssertSound(disk, marked, last);
                damaged += recovered.Damage is null ? 0 : 1;
                cut += recovered.TornBytes > 0 ? 1 : 0;
            }
        }

        Assert.True(damaged > 5000 && cut > 500, $"{damaged} found as damage, {cut} cut");
    }

    [Fact]
    public void A_flip_in_a_payload_below_the_mark_costs_that_record_alone()
    {
        MemoryDisk disk = ThreeSegments(out _, out long last);
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        int at = content.AsSpan().IndexOf(LogBench.Record(2, 60));
        content[at + 20] ^= 1;

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, Tiny);
        Assert.Equal((2, 2), (recovered.Damage!.First, recovered.Damage.Last));
        Assert.Equal(last - 1, visitor.Records.Count);
        Assert.Equal("tail", LogBench.Text(recovered.Caption));
        Assert.Contains(LogBench.Segment(disk, 0), recovered.Damage.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_refuses_a_damaged_log_at_its_end_leaves_the_disk_as_it_is()
    {
        MemoryDisk disk = ThreeSegments(out _, out _);
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[content.AsSpan().IndexOf(LogBench.Record(2, 60)) + 20] ^= 1;
        Dictionary<string, byte[]> before = disk.List().ToDictionary(name => name, name => disk.Content(name).ToArray());
        LogVisitor visitor = new() { Ends = () => throw new InvalidOperationException("no") };
        Assert.Throws<InvalidOperationException>(() => RecordLog.Recover(disk, Tiny, visitor));
        Assert.Equal(2, Assert.Single(visitor.Lost).First);
        Assert.Equal(before.Keys.Order(), disk.List().Order());
        Assert.All(before, file => Assert.Equal(file.Value, disk.Content(file.Key)));
    }

    [Fact]
    public void A_damaged_log_does_not_grow_with_every_start()
    {
        MemoryDisk disk = new();
        RecordLogOptions options = new() { SegmentBytes = 1 << 15 };
        RecordLog log = LogBench.Open(disk, options);
        log.Append(40, length: 500);
        log.Append(40, length: 500);
        log.Dispose();
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[content.AsSpan().IndexOf(LogBench.Record(2, 500)) + 20] ^= 1;
        for (int start = 0; start < 30; start++)
        {
            RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, options);
            Assert.Equal(2, Assert.Single(visitor.Lost).First);
            Assert.Equal(79 + start, visitor.Records.Count);
            LogBench.AssertTrue(visitor);
            recovered.Log.Append(1, caption: $"start {start}");
            recovered.Log.Dispose();
            Assert.InRange(disk.List().Count, 2, 5);
        }
    }

    [Fact]
    public void A_damaged_caption_below_the_mark_costs_no_record_but_hides_what_it_said()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(3, caption: "before");
        log.Append(2, caption: "votes");
        log.Mark("votes");
        log.Dispose();
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        for (int at = content.AsSpan().IndexOf("votes"u8); at >= 0; at = content.AsSpan().IndexOf("votes"u8))
        {
            content[at] ^= 1;
        }

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal((null, 5, "before"), (recovered.Damage, visitor.Records.Count, LogBench.Text(recovered.Caption)));
        Assert.Equal((4, 5), (visitor.Unspoken!.First, visitor.Unspoken.Last));
        Assert.Contains("caption in log-", visitor.Unspoken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flip_in_the_last_unmarked_batch_cuts_it_whole()
    {
        MemoryDisk disk = ThreeSegments(out long marked, out long last);
        byte[] content = disk.Content(LogBench.Segment(disk, 2));
        content[content.AsSpan().IndexOf(LogBench.Record(last, 60))] ^= 1;

        RecoveredLog recovered = LogBench.Recover(disk, out _, Tiny);
        Assert.Null(recovered.Damage);
        Assert.Equal(marked, recovered.Log.LastPosition);
        Assert.NotEqual("tail", LogBench.Text(recovered.Caption));
        Assert.Equal(marked, recovered.CaptionPosition);
        Assert.InRange(recovered.TornBytes, 200, 300);
    }

    [Fact]
    public void The_same_flip_is_corruption_once_a_mark_covers_the_batch()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(3, caption: "before");
        log.Append(2, caption: "batch");
        log.Mark("idle");
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[content.AsSpan().IndexOf(LogBench.Record(4))] ^= 1;

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal((4, 4), (recovered.Damage!.First, recovered.Damage.Last));
        Assert.Equal([1L, 2L, 3L, 5L], visitor.Records.Keys);
        Assert.Equal((5, "idle", 5), (recovered.Log.LastPosition, LogBench.Text(recovered.Caption), recovered.CaptionPosition));
    }

    [Fact]
    public void A_caption_from_before_a_hole_is_told_from_one_behind_it_at_every_later_start()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk, Tiny);
        log.Append(3, caption: "before");
        log.Append(2, caption: "lost", length: 200);
        log.Append(1, length: 300, caption: "lost too");
        log.Dispose();
        WipeBatchWith(disk, 0, LogBench.Record(4, 200));
        byte[] later = disk.Content(LogBench.Segment(disk, 1));
        later.AsSpan(64).Clear();

        for (int start = 0; start < 3; start++)
        {
            RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, Tiny);
            Assert.Equal((4, 5), (visitor.Unspoken!.First, visitor.Unspoken.Last));
            Assert.Equal(("before", 3), (LogBench.Text(recovered.Caption), recovered.CaptionPosition));
            Assert.Equal((4, 5), (recovered.Damage!.First, recovered.Damage.Last));
            Assert.Equal(5, recovered.Log.LastPosition);
            recovered.Log.TrimBefore(6);
        }
    }

    private static void WipeBatchWith(MemoryDisk disk, int segment, byte[] record)
    {
        byte[] content = disk.Content(LogBench.Segment(disk, segment));
        int at = content.AsSpan().IndexOf(record);
        content.AsSpan(at - 76, 200).Clear();
    }

    [Fact]
    public void Every_stretch_of_zeros_or_garbage_is_survived()
    {
        MemoryDisk whole = ThreeSegments(out long marked, out long last);
        LogRandom random = new(7);
        for (int i = 0; i < 4000; i++)
        {
            MemoryDisk disk = whole.Copy();
            string name = disk.List()[random.Below(disk.List().Count)];
            byte[] content = disk.Content(name);
            int start = random.Below(content.Length);
            int length = 1 + random.Below(content.Length - start);
            random.Bytes(random.Chance(500) ? length : 0).CopyTo(content.AsSpan(start));
            if (random.Chance(500))
            {
                content.AsSpan(start, length).Clear();
            }

            AssertSoundWithin(disk, marked, last);
        }
    }

    [Fact]
    public void Every_truncation_of_every_file_is_survived()
    {
        MemoryDisk whole = ThreeSegments(out long marked, out long last);
        foreach (string name in whole.List())
        {
            for (int length = 0; length < whole.Content(name).Length; length += 3)
            {
                MemoryDisk disk = whole.Copy();
                disk.Put(name, whole.Content(name)[..length]);
                AssertSoundWithin(disk, marked, last);
            }
        }
    }

    [Fact]
    public void A_missing_segment_in_the_middle_is_corruption()
    {
        MemoryDisk disk = ThreeSegments(out long marked, out long last);
        disk.Delete(LogBench.Segment(disk, 1));
        Assert.NotNull(AssertSound(disk, marked, last).Damage);
    }

    [Fact]
    public void Files_of_nothing_but_random_bytes_are_damage_and_the_log_goes_on()
    {
        LogRandom random = new(3);
        for (int i = 0; i < 500; i++)
        {
            MemoryDisk disk = new();
            for (int file = 0; file <= random.Below(3); file++)
            {
                disk.Put($"{(random.Chance(700) ? "log" : "spare")}-{1 + random.Below(9):D16}.qlog", random.Bytes(random.Below(3000)));
            }

            bool hasSegment = disk.List().Any(name => name.StartsWith("log-", StringComparison.Ordinal));
            RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, Tiny);
            Assert.Empty(visitor.Records);
            Assert.Equal(hasSegment, recovered.Damage is not null);
            recovered.Log.Append(2);
            RecoveredLog again = LogBench.Recover(disk, out visitor, Tiny);
            Assert.Equal(2, visitor.Records.Count);
            Assert.Equal(recovered.Damage?.First, again.Damage?.First);
        }
    }

    [Fact]
    public void Records_cut_off_the_end_never_come_back_when_the_start_of_the_next_segment_is_lost()
    {
        // Batch 4-5 is torn, 6-7 behind it is whole: both are cut. The next segment writes 4 to 9 anew, then loses its first sector.
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk);
        log.Append(3, length: 1000);
        log.Append(2, length: 100, flush: false);
        log.Append(2, length: 100, flush: false);
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[content.AsSpan().IndexOf(LogBench.Record(4, 100))] ^= 1;
        RecordLog second = LogBench.Open(disk);
        Assert.Equal(3, second.LastPosition);
        for (int i = 0; i < 6; i++)
        {
            second.Write(default, [LogBench.Text($"new {i + 4}".PadRight(150))]);
            second.Flush();
        }

        second.Mark();
        disk.Content(LogBench.Segment(disk, disk.List().Count(name => name.StartsWith("log-", StringComparison.Ordinal)) - 1)).AsSpan(0, 700).Clear();
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor);
        Assert.Equal(4, recovered.Damage!.First);
        Assert.All(visitor.Records.Where(record => record.Key > 3), record => Assert.StartsWith("new", LogBench.Text(record.Value), StringComparison.Ordinal));
        Assert.Equal(9, visitor.Records.Keys.Last());
    }

    [Fact]
    public void A_copy_of_the_log_inside_a_payload_is_not_the_log()
    {
        MemoryDisk disk = new();
        RecordLogOptions options = new() { SegmentBytes = 1 << 16 };
        RecordLog log = LogBench.Open(disk, options);
        log.Append(3);
        log.Mark();
        byte[] image = disk.Content(LogBench.Segment(disk, 0))[..1024];
        log.Write(default, [image, image, image]);
        log.Flush();
        byte[] content = disk.Content(LogBench.Segment(disk, 0));
        content[content.AsSpan().LastIndexOf(image) - 1] ^= 1;

        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, options);
        Assert.Null(recovered.Damage);
        Assert.Equal((3, 3), (recovered.Log.LastPosition, visitor.Records.Count));
    }

    /// <summary>As <see cref="AssertSound"/>, where so much may be gone that the mark itself is.</summary>
    private static void AssertSoundWithin(MemoryDisk disk, long marked, long last)
    {
        RecoveredLog recovered = LogBench.Recover(disk, out LogVisitor visitor, Tiny);
        LogBench.AssertTrue(visitor);
        AssertHolesAreReported(recovered, visitor);
        Assert.InRange(recovered.Log.LastPosition, recovered.Damage is null ? Math.Min(marked, 12) : 1, last + 1);
        long due = recovered.Log.LastPosition + 1;
        recovered.Log.Append(1, length: 60);
        RecoveredLog again = LogBench.Recover(disk, out LogVisitor second, Tiny);
        Assert.Equal(recovered.Damage?.First, again.Damage?.First);
        Assert.Equal(visitor.Records.Keys.Append(due), second.Records.Keys);
        LogBench.AssertTrue(second);
    }
}
