namespace Quorate.Storage;

/// <summary>The files of the log: it finds, allocates, names, recycles and deletes them, each step in an order that a crash may interrupt.</summary>
internal sealed class SegmentStore(IDisk disk, RecordLogOptions options) : IDisposable
{
    /// <summary>Trimmed segments beyond this many spares are deleted.</summary>
    private const int MaxSpares = 2;

    private readonly List<SpareFile> _spares = [];
    private readonly List<IDiskFile> _open = [];
    private ulong _lastNumber;

    /// <summary>Whether a file of the usual size waits to become a segment.</summary>
    public bool HasSpare => _spares.Count > 0;

    /// <summary>Bytes the spares take.</summary>
    public long SpareBytes { get; private set; }

    /// <summary>What is broken on purpose.</summary>
    public LogPlants Plants => options.Plants;

    /// <summary>The usual size of a segment.</summary>
    public long SegmentBytes => options.SegmentBytes;

    /// <summary>Opens all files there are and returns the segments in ascending order of their numbers.</summary>
    public List<Segment> Open()
    {
        // What was read back is not durable, in a directory neither: a process that died between a rename and its flush leaves a spare here
        // that a power cut would turn back into a segment, and a new head in it would then have destroyed that segment.
        disk.FlushDirectory();
        List<Segment> segments = [];
        List<string> spares = [];
        foreach (string name in disk.List())
        {
            if (LogNames.TryParseSegment(name, out ulong number))
            {
                segments.Add(OpenSegment(name, number));
            }
            else if (LogNames.TryParseSpare(name, out number))
            {
                spares.Add(name);
            }
            else
            {
                continue;
            }

            _lastNumber = Math.Max(_lastNumber, number);
        }

        foreach (string name in spares)
        {
            OpenSpare(name);
        }

        segments.Sort((left, right) => left.Number.CompareTo(right.Number));
        return segments;
    }

    /// <summary>Allocates a spare ahead of need.</summary>
    /// <exception cref="DiskFullException">There is no space; nothing has changed.</exception>
    public void AllocateSpare() => AddSpare(Create(SegmentBytes));

    /// <summary>Takes a file that has room for <paramref name="bytes"/> behind its head: a spare, or a new one.</summary>
    /// <exception cref="DiskFullException">There is no space; nothing has changed.</exception>
    public SpareFile Take(long bytes)
    {
        long needed = LogFormat.SegmentHeaderBytes + LogFormat.Align(bytes);
        if (needed > SegmentBytes)
        {
            return Create(needed);
        }

        if (!HasSpare)
        {
            return Create(SegmentBytes);
        }

        SpareFile spare = _spares[0];
        _spares.RemoveAt(0);
        SpareBytes -= spare.File.Length;
        return spare;
    }

    /// <summary>
    /// Gives a file a fresh number and flushes its head. It still has its old name: nobody counts it until <see cref="Publish"/>, but
    /// its number is never used again.
    /// </summary>
    public Segment Begin(SpareFile spare, long first)
    {
        ulong number = ++_lastNumber;
        Segment segment = new(number, spare.Name, spare.File) { HasHeader = true, First = first };
        segment.Chain = WriteHead(spare.File, number, first);
        segment.File.Flush();
        return segment;
    }

    /// <summary>Gives a segment its name, durably.</summary>
    public void Publish(Segment segment)
    {
        string name = LogNames.Segment(segment.Number);
        disk.Rename(segment.Name, name);
        segment.Name = name;
        if ((Plants & LogPlants.DirectoryUnflushed) == 0)
        {
            disk.FlushDirectory();
        }
    }

    /// <summary>
    /// Recycles or deletes a segment that nobody needs. The directory is flushed before the next one goes, so that a crash cannot leave a
    /// hole in the row, and before the file gets a new head.
    /// </summary>
    public void Retire(Segment segment)
    {
        if (_spares.Count < MaxSpares && segment.File.Length == SegmentBytes)
        {
            string name = LogNames.Spare(segment.Number);
            disk.Rename(segment.Name, name);
            AddSpare(new SpareFile(name, segment.File));
        }
        else
        {
            Close(segment.File);
            disk.Delete(segment.Name);
        }

        disk.FlushDirectory();
    }

    /// <summary>Closes all files, those of the segments too.</summary>
    public void Dispose()
    {
        foreach (IDiskFile file in _open)
        {
            file.Dispose();
        }

        _open.Clear();
    }

    private static uint WriteHead(IDiskFile file, ulong number, long first)
    {
        Span<byte> head = stackalloc byte[LogFormat.SegmentHeaderBytes];
        uint checksum = LogFormat.WriteSegmentHeader(head, number, first, file.Length);
        file.Write(0, head);
        return checksum;
    }

    private static bool TryReadHead(IDiskFile file, out SegmentHeader header)
    {
        Span<byte> head = stackalloc byte[LogFormat.SegmentHeaderBytes];
        int count = file.Read(0, head);
        return LogFormat.TryReadSegmentHeader(head[..count], out header);
    }

    private SpareFile Create(long length)
    {
        // The number is spent on the name alone; the use as a segment takes the next one.
        ulong number = ++_lastNumber;
        string name = LogNames.Spare(number);
        IDiskFile file = disk.Create(name, length);
        _open.Add(file);
        WriteHead(file, number, first: 1);
        return new SpareFile(name, file);
    }

    private Segment OpenSegment(string name, ulong number)
    {
        IDiskFile file = Open(name);
        bool hasHeader = TryReadHead(file, out SegmentHeader header) && header.Number == number;
        return new Segment(number, name, file)
        {
            HasHeader = hasHeader,
            First = hasHeader ? header.First : 0,
            Chain = header.Checksum,
        };
    }

    private void OpenSpare(string name)
    {
        // A spare whose head is unreadable may hold the work of an interrupted recovery under a number that nobody knows any more and
        // that would be given out again; one whose head is readable cannot, as its number counts.
        IDiskFile file = Open(name);
        if (TryReadHead(file, out SegmentHeader header) && file.Length == SegmentBytes && _spares.Count < MaxSpares)
        {
            _lastNumber = Math.Max(_lastNumber, header.Number);
            AddSpare(new SpareFile(name, file));
            return;
        }

        _lastNumber = Math.Max(_lastNumber, header.Number);
        Close(file);
        disk.Delete(name);
    }

    private IDiskFile Open(string name)
    {
        IDiskFile file = disk.Open(name);
        _open.Add(file);
        return file;
    }

    private void Close(IDiskFile file)
    {
        _open.Remove(file);
        file.Dispose();
    }

    private void AddSpare(SpareFile spare)
    {
        _spares.Add(spare);
        SpareBytes += spare.File.Length;
    }
}

/// <summary>A file that waits to become a segment.</summary>
internal sealed record SpareFile(string Name, IDiskFile File);
