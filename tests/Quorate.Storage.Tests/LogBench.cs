using System.Text;

namespace Quorate.Storage.Tests;

/// <summary>What the log's tests have in common.</summary>
internal static class LogBench
{
    public static readonly RecordLogOptions Small = new() { SegmentBytes = 4096 };

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static RecoveredLog Recover(MemoryDisk disk, out LogVisitor visitor, RecordLogOptions? options = null)
    {
        visitor = new LogVisitor();
        return RecordLog.Recover(disk, options ?? Small, visitor);
    }

    public static RecordLog Open(MemoryDisk disk, RecordLogOptions? options = null) => Recover(disk, out _, options).Log;

    /// <summary>Writes one batch of records that name their positions, and flushes it.</summary>
    public static void Append(this RecordLog log, int count, int length = 40, string caption = "caption", bool flush = true)
    {
        List<ReadOnlyMemory<byte>> records = [];
        for (int i = 0; i < count; i++)
        {
            records.Add(Record(log.LastPosition + 1 + i, length));
        }

        log.Write(Text(caption), records);
        if (flush)
        {
            log.Flush();
        }
    }

    public static void Mark(this RecordLog log, string caption = "caption")
    {
        log.Write(Text(caption), []);
        log.Flush();
    }

    public static byte[] Record(long position, int length = 40) => Text($"record {position}".PadRight(length, '.'));

    public static List<ReadOnlyMemory<byte>> ReadAll(RecordLog log)
    {
        List<ReadOnlyMemory<byte>> records = [];
        while (log.FirstPosition + records.Count <= log.LastPosition)
        {
            log.Read(log.FirstPosition + records.Count, 300, records);
        }

        return records;
    }

    /// <summary>Every record delivered is the one that <see cref="Append"/> wrote under its position.</summary>
    public static void AssertTrue(LogVisitor visitor)
    {
        foreach ((long position, byte[] record) in visitor.Records)
        {
            Assert.Equal(Record(position, record.Length), record);
        }
    }

    public static string Segment(MemoryDisk disk, int index) => disk.List().Where(name => name.StartsWith("log-", StringComparison.Ordinal)).ElementAt(index);
}
