namespace Quorate.Storage.Tests;

public sealed class LogCrashTests
{
    private static readonly RecordLogOptions Tiny = new() { SegmentBytes = 2048 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_was_flushed_is_there_in_order_and_once_after_any_crash(int part)
    {
        for (int seed = 0; seed < 1500; seed++)
        {
            LogRandom random = new((ulong)((part * 1_000_000) + seed));
            LogWorld world = new(random);
            try
            {
                for (int step = 0; step < 60; step++)
                {
                    world.Step();
                }

                world.CrashAndRecover();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {(part * 1_000_000) + seed}: {failure.Message}", failure);
            }
        }
    }

    [Fact]
    public void Damage_on_top_of_a_crash_is_never_delivered_and_nothing_cut_comes_back()
    {
        int damaged = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            LogWorld world = new(new LogRandom((ulong)seed));
            for (int step = 0; step < 40; step++)
            {
                world.Step();
            }

            try
            {
                damaged += world.DamageAndRecover() ? 1 : 0;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }

        Assert.True(damaged > 300, $"only {damaged} times was there damage");
    }

    [Fact]
    public void A_recovery_that_dies_at_any_call_and_runs_again_finds_the_same()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            LogRandom random = new((ulong)seed);
            LogWorld world = new(random);
            for (int step = 0; step < 40; step++)
            {
                world.Step();
            }

            MemoryDisk disk = world.Disk;
            disk.Crash(random, CrashMode.Tear);
            RecoveredLog expected = LogBench.Recover(disk.Copy(), out LogVisitor wanted, Tiny);
            for (int call = 1; ; call++)
            {
                MemoryDisk copy = disk.Copy();
                copy.DieAtCall = call;
                try
                {
                    LogBench.Recover(copy, out _, Tiny);
                    Assert.True(call > 3);
                    break;
                }
                catch (ProcessDiedException)
                {
                    copy.Crash(random, (CrashMode)random.Below(4));
                }

                RecoveredLog second = LogBench.Recover(copy, out LogVisitor found, Tiny);
                Assert.Equal(wanted.Records, found.Records);
                Assert.Equal(expected.Log.LastPosition, second.Log.LastPosition);
                Assert.Equal(expected.Caption.ToArray(), second.Caption.ToArray());
                Assert.Null(second.Damage);
            }
        }
    }

    [Fact]
    public void What_a_recovery_delivered_is_durable_before_it_returns()
    {
        // The process dies, not the machine: the tail is read back from memory that no flush has ever covered.
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk, Tiny);
        log.Append(2);
        log.Append(3, flush: false);
        disk.Restart();
        Assert.Equal(5, LogBench.Open(disk, Tiny).LastPosition);
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        LogBench.Recover(disk, out LogVisitor visitor, Tiny);
        Assert.Equal(5, visitor.Records.Count);
    }

    [Fact]
    public void A_caption_that_a_recovery_copied_is_durable_before_the_segment_it_came_from_is_recycled()
    {
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk, Tiny);
        log.Append(1, length: 10);
        log.Mark("idle");
        Assert.Equal("idle", LogBench.Text(LogBench.Recover(disk, out _, Tiny).Caption));
        disk.Crash(new LogRandom(1), CrashMode.DropAll);
        Assert.Equal("idle", LogBench.Text(LogBench.Recover(disk, out _, Tiny).Caption));
    }

    [Fact]
    public void A_segment_whose_recycling_was_not_durable_when_the_process_died_is_not_destroyed()
    {
        // Found by a random walk: the rename is seen after the restart, the spare gets a new head, and then the power cut undoes the rename.
        MemoryDisk disk = new();
        RecordLog log = LogBench.Open(disk, Tiny);
        log.Append(2, length: 900);
        log.Append(2, length: 900);
        disk.DieAtCall = disk.Calls + 2;
        Assert.Throws<ProcessDiedException>(() => log.TrimBefore(3));
        disk.Restart();
        disk.DieAtCall = disk.Calls + 5;
        Assert.Throws<ProcessDiedException>(() => LogBench.Open(disk, Tiny));
        disk.Crash(new LogRandom(1), CrashMode.DropAll);

        RecoveredLog recovered = LogBench.Recover(disk, out _, Tiny);
        Assert.Null(recovered.Damage);
        Assert.Equal(4, recovered.Log.LastPosition);
    }

    [Fact]
    public void A_batch_counts_whole_or_not_at_all()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            LogRandom random = new((ulong)seed);
            MemoryDisk disk = new();
            RecordLog log = LogBench.Open(disk, new RecordLogOptions { SegmentBytes = 1 << 16 });
            log.Append(2);
            log.Append(20, length: 200, caption: "torn", flush: false);
            disk.Crash(random, CrashMode.Tear);
            RecoveredLog recovered = LogBench.Recover(disk, out _, new RecordLogOptions { SegmentBytes = 1 << 16 });
            Assert.Contains(recovered.Log.LastPosition, (long[])[2, 22]);
            Assert.Equal(recovered.Log.LastPosition == 22 ? "torn" : "caption", LogBench.Text(recovered.Caption));
            Assert.Null(recovered.Damage);
        }
    }
}

/// <summary>A log, and beside it what it must hold: used at random, crashed, recovered, compared.</summary>
internal sealed class LogWorld
{
    private static readonly RecordLogOptions Tiny = new() { SegmentBytes = 2048 };

    private readonly LogRandom _random;

    // Every record of the log as of now by position, and the captions as (last position, text), flushed or not.
    private readonly List<string> _records = [];
    private readonly List<(long Last, string Caption)> _captions = [];
    private RecordLog _log;
    private int _flushedCaptions;
    private long _trimmed = 1;
    private int _counter;

    public LogWorld(LogRandom random)
    {
        _random = random;
        _log = LogBench.Open(Disk, Tiny);
    }

    public MemoryDisk Disk { get; } = new();

    public void Step()
    {
        int dice = _random.Below(100);
        try
        {
            if (dice < 55)
            {
                Write();
            }
            else if (dice < 80)
            {
                Flush();
            }
            else if (dice < 86)
            {
                Trim();
            }
            else if (dice < 92)
            {
                AllocateSpare();
            }
            else if (dice < 94)
            {
                FillDisk();
            }
            else if (dice < 96)
            {
                ReadBack();
            }
            else if (dice < 97)
            {
                Disk.FailFlush = Disk.Flushes + 1 + _random.Below(3);
            }
            else if (dice < 98)
            {
                Disk.DieAtCall = Disk.Calls + 1 + _random.Below(8);
            }
            else
            {
                CrashAndRecover();
            }
        }
        catch (Exception failure) when (failure is DiskFailedException or ProcessDiedException)
        {
            CrashAndRecover();
        }
    }

    /// <summary>The power fails, or only the process; perhaps again during recovery.</summary>
    public void CrashAndRecover()
    {
        long flushed = _log.DurablePosition;
        Interrupt();
        if (_random.Chance(300))
        {
            DieInRecovery();
        }

        RecoveredLog recovered = LogBench.Recover(Disk, out LogVisitor visitor, Tiny);
        _log = recovered.Log;
        Assert.Null(recovered.Damage);
        Assert.InRange(_log.LastPosition, flushed, _records.Count);
        Assert.Equal(_log.LastPosition, _log.DurablePosition);
        Assert.InRange(_log.FirstPosition, 1, Math.Max(_trimmed, 1));
        CompareRecords(visitor);
        CompareCaption(recovered);
        _records.RemoveRange((int)_log.LastPosition, _records.Count - (int)_log.LastPosition);
        _captions.Clear();
        if (!recovered.Caption.IsEmpty)
        {
            _captions.Add((recovered.CaptionPosition, LogBench.Text(recovered.Caption)));
        }

        _flushedCaptions = _captions.Count;
    }

    /// <summary>The power fails and takes some bytes of some file with it that had been flushed.</summary>
    public bool DamageAndRecover()
    {
        Interrupt();
        List<string> names = [.. Disk.List()];
        for (int i = _random.Below(3); i >= 0; i--)
        {
            byte[] content = Disk.Content(names[_random.Below(names.Count)]);
            int start = _random.Chance(300) ? 0 : _random.Below(content.Length);
            int length = Math.Min(content.Length - start, 1 + _random.Below(_random.Chance(500) ? 4 : 1024));
            _random.Bytes(length).CopyTo(content.AsSpan(start));
        }

        Disk.CapacityBytes = long.MaxValue;
        RecoveredLog recovered = LogBench.Recover(Disk, out LogVisitor visitor, Tiny);
        foreach ((long position, byte[] record) in visitor.Records)
        {
            Assert.Equal(_records[(int)position - 1], LogBench.Text(record));
        }

        if (recovered.Damage is null)
        {
            Assert.Equal(recovered.Log.LastPosition - recovered.Log.FirstPosition + 1, visitor.Records.Count);
        }
        else
        {
            Assert.DoesNotContain(visitor.Records.Keys, position => position >= recovered.Damage.First && position <= recovered.Damage.Last);
        }

        recovered.Log.Append(1);
        RecoveredLog again = LogBench.Recover(Disk, out LogVisitor second, Tiny);
        Assert.Equal(recovered.Damage?.First, again.Damage?.First);
        Assert.Equal(visitor.Records.Keys.Append(recovered.Log.LastPosition), second.Records.Keys);
        return recovered.Damage is not null;
    }

    private void Interrupt()
    {
        Disk.Restart();
        if (_random.Chance(800))
        {
            Disk.Crash(_random, (CrashMode)_random.Below(4));
        }
    }

    private void DieInRecovery()
    {
        Disk.DieAtCall = Disk.Calls + 1 + _random.Below(12);
        try
        {
            LogBench.Open(Disk, Tiny);
        }
        catch (ProcessDiedException)
        {
        }

        Interrupt();
    }

    private void CompareRecords(LogVisitor visitor)
    {
        long due = _log.FirstPosition;
        foreach ((long position, byte[] record) in visitor.Records)
        {
            Assert.Equal(due, position);
            Assert.Equal(_records[(int)position - 1], LogBench.Text(record));
            due++;
        }

        Assert.Equal(_log.LastPosition + 1, due);
        ReadBack();
    }

    private void CompareCaption(RecoveredLog recovered)
    {
        if (_captions.Count == 0)
        {
            Assert.True(recovered.Caption.IsEmpty);
            return;
        }

        string found = LogBench.Text(recovered.Caption);
        int index = _captions.FindLastIndex(known => known.Caption == found);
        Assert.True(recovered.Caption.IsEmpty ? _flushedCaptions == 0 : index >= _flushedCaptions - 1, $"the caption {found} is too old");
        Assert.True(recovered.Caption.IsEmpty || recovered.CaptionPosition == _captions[index].Last);
        Assert.True(recovered.Caption.IsEmpty || recovered.CaptionPosition == _log.LastPosition);
    }

    private void Write()
    {
        List<ReadOnlyMemory<byte>> records = [];
        List<string> texts = [];
        for (int i = _random.Below(5); i > 0; i--)
        {
            // No text is ever written twice, so that a record that comes back from before a cut is told from the new one.
            string text = $"{++_counter}:" + new string('x', _random.Chance(30) ? _random.Below(3000) : _random.Below(300));
            texts.Add(text);
            records.Add(LogBench.Text(text));
        }

        string caption = $"caption {++_counter}" + new string('c', _random.Below(40));

        // The model takes it first: who dies in the middle may have written all of it.
        long last = _records.Count;
        _records.AddRange(texts);
        _captions.Add((_records.Count, caption));
        try
        {
            _log.Write(LogBench.Text(caption), records);
        }
        catch (DiskFullException)
        {
            Assert.Equal(last, _log.LastPosition);
            _records.RemoveRange((int)last, texts.Count);
            _captions.RemoveAt(_captions.Count - 1);
            Disk.CapacityBytes = _random.Chance(500) ? long.MaxValue : Disk.CapacityBytes;
            return;
        }

        Assert.Equal(_records.Count, _log.LastPosition);
        NoteFlushed(_captions.Count - 1);
    }

    private void Flush()
    {
        _log.Flush();
        Assert.Equal(_records.Count, _log.DurablePosition);
        _flushedCaptions = _captions.Count;
    }

    /// <summary>A switch of segments flushes on its own.</summary>
    private void NoteFlushed(int upTo)
    {
        for (int i = 0; i < upTo; i++)
        {
            if (_captions[i].Last < _log.DurablePosition)
            {
                _flushedCaptions = Math.Max(_flushedCaptions, i + 1);
            }
        }
    }

    private void Trim()
    {
        long position = 1 + _random.Below(_records.Count + 2);
        _trimmed = Math.Max(_trimmed, position);
        _log.TrimBefore(position);
        Assert.True(_log.FirstPosition <= Math.Max(_trimmed, 1));
        Assert.Equal(_log.DiskBytes, Disk.UsedBytes);
    }

    private void AllocateSpare()
    {
        try
        {
            _log.AllocateSpare();
            Assert.False(_log.NeedsSpare);
        }
        catch (DiskFullException)
        {
            Disk.CapacityBytes = long.MaxValue;
        }
    }

    private void FillDisk() => Disk.CapacityBytes = Disk.UsedBytes + _random.Below(5000);

    private void ReadBack()
    {
        List<ReadOnlyMemory<byte>> records = LogBench.ReadAll(_log);
        for (int i = 0; i < records.Count; i++)
        {
            Assert.Equal(_records[(int)_log.FirstPosition - 1 + i], LogBench.Text(records[i]));
        }
    }
}
