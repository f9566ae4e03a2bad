namespace Quorate.Storage.Tests;

/// <summary>What a power cut does to what was not flushed.</summary>
internal enum CrashMode
{
    /// <summary>Nothing of it survives.</summary>
    DropAll,

    /// <summary>All of it survives.</summary>
    KeepAll,

    /// <summary>Each sector, and each change of the directory, survives or not, independently of the others.</summary>
    Tear,

    /// <summary>Sectors as in <see cref="Tear"/>; changes of the directory survive in order up to some point, as on a journaling file system.</summary>
    TearInOrder,
}

/// <summary>Thrown by the call at which the process was told to die.</summary>
internal sealed class ProcessDiedException() : Exception("The process died at this call.");

/// <summary>
/// A disk in memory that forgets what was not flushed: sectors of 512 bytes are written whole or not at all, in any pattern, and so are
/// changes of the directory. It can fail a flush, die at any call, and be full.
/// </summary>
internal sealed class MemoryDisk : IDisk
{
    private readonly List<(string? From, string? To, MemoryFile File)> _changes = [];
    private SortedDictionary<string, MemoryFile> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, MemoryFile> _durableNames = new(StringComparer.Ordinal);

    /// <summary>The total length that all files may have.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>How many calls that change the disk have been made.</summary>
    public int Calls { get; private set; }

    /// <summary>How many files or directories have been flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>The process dies at the call with this number, counted as <see cref="Calls"/>; 0 for never.</summary>
    public int DieAtCall { get; set; }

    /// <summary>The flush with this number, counted as <see cref="Flushes"/>, fails; 0 for never.</summary>
    public int FailFlush { get; set; }

    /// <summary>Whether un-flushed sectors are kept track of; off for measurements, when no crash is going to come.</summary>
    public bool TracksSectors { get; init; } = true;

    /// <summary>The total length of all files.</summary>
    public long UsedBytes
    {
        get
        {
            long bytes = 0;
            foreach (MemoryFile file in _names.Values)
            {
                bytes += file.Length;
            }

            return bytes;
        }
    }

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IDiskFile Create(string name, long length)
    {
        OnCall();
        Assert.False(_names.ContainsKey(name), $"{name} exists");
        Reserve(length);
        MemoryFile file = new(this, length);
        _names[name] = file;
        _changes.Add((null, name, file));
        return new Handle(file);
    }

    public IDiskFile Open(string name) => new Handle(_names[name]);

    public void Rename(string from, string to)
    {
        OnCall();
        MemoryFile file = _names[from];
        _names.Remove(from);
        _names[to] = file;
        _changes.Add((from, to, file));
    }

    public void Delete(string name)
    {
        OnCall();
        MemoryFile file = _names[name];
        _names.Remove(name);
        _changes.Add((name, null, file));
    }

    public void FlushDirectory()
    {
        OnFlush();
        _changes.Clear();
        _durableNames = new(_names, StringComparer.Ordinal);
    }

    /// <summary>The bytes of a file as they are now, to be looked at or damaged.</summary>
    public byte[] Content(string name) => _names[name].Content;

    /// <summary>Puts a file there, durably.</summary>
    public void Put(string name, byte[] content)
    {
        _names[name] = _durableNames[name] = new MemoryFile(this, 0) { Content = content };
    }

    /// <summary>A disk with the same files and bytes, all of it durable.</summary>
    public MemoryDisk Copy()
    {
        MemoryDisk copy = new();
        foreach ((string name, MemoryFile file) in _names)
        {
            copy.Put(name, [.. file.Content]);
        }

        return copy;
    }

    /// <summary>The power fails.</summary>
    public void Crash(LogRandom random, CrashMode mode)
    {
        // A file that nobody can name any more is in no list, but a change that is undone may bring it back.
        HashSet<MemoryFile> seen = [];
        List<MemoryFile> files = [.. _durableNames.Values, .. _names.Values];
        _changes.ForEach(change => files.Add(change.File));
        foreach (MemoryFile file in files)
        {
            if (seen.Add(file))
            {
                file.Crash(random, mode);
            }
        }

        int inOrder = random.Below(_changes.Count + 1);
        for (int i = 0; i < _changes.Count; i++)
        {
            bool isKept = mode switch
            {
                CrashMode.DropAll => false,
                CrashMode.KeepAll => true,
                CrashMode.Tear => random.Chance(500),
                _ => i < inOrder,
            };
            if (isKept)
            {
                Apply(_changes[i]);
            }
        }

        _changes.Clear();
        _names = new(_durableNames, StringComparer.Ordinal);
        Restart();
    }

    /// <summary>The process ends but the kernel lives on: what was written is read back, and may still be lost later.</summary>
    public void Restart()
    {
        DieAtCall = 0;
        FailFlush = 0;
    }

    private void Apply((string? From, string? To, MemoryFile File) change)
    {
        if (change.From is not null && !(_durableNames.TryGetValue(change.From, out MemoryFile? file) && file == change.File))
        {
            return;
        }

        if (change.From is not null)
        {
            _durableNames.Remove(change.From);
        }

        if (change.To is not null)
        {
            _durableNames[change.To] = change.File;
        }
    }

    private void Reserve(long bytes)
    {
        if (UsedBytes + bytes > CapacityBytes)
        {
            throw new DiskFullException("The disk is full.");
        }
    }

    private void OnCall()
    {
        if (++Calls == DieAtCall)
        {
            throw new ProcessDiedException();
        }
    }

    private void OnFlush()
    {
        OnCall();
        if (++Flushes == FailFlush)
        {
            throw new DiskFailedException("The flush failed.");
        }
    }

    private sealed class Handle(MemoryFile file) : IDiskFile
    {
        private bool _isClosed;

        public long Length => Open().Length;

        public int Read(long offset, Span<byte> buffer) => Open().Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => Open().Write(offset, bytes);

        public void Flush() => Open().Flush();

        public void Dispose() => _isClosed = true;

        private MemoryFile Open()
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return file;
        }
    }

    private sealed class MemoryFile(MemoryDisk disk, long length)
    {
        private const int SectorBytes = 512;

        // What each dirty sector was before the first, second ... write since the last flush.
        private readonly SortedDictionary<long, List<byte[]>> _before = [];

        public byte[] Content { get; set; } = new byte[length];

        public long Length => Content.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(Content.Length - offset, 0, buffer.Length);
            Content.AsSpan((int)Math.Min(offset, Content.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            long end = offset + bytes.Length;
            if (end > Content.Length)
            {
                disk.Reserve(end - Content.Length);
                byte[] longer = new byte[end];
                Content.CopyTo(longer, 0);
                Content = longer;
            }

            if (disk.TracksSectors)
            {
                Remember(offset, end);
            }

            bytes.CopyTo(Content.AsSpan((int)offset));

            // Who dies while writing may have written any of it.
            disk.OnCall();
        }

        public void Flush()
        {
            disk.OnFlush();
            _before.Clear();
        }

        public void Crash(LogRandom random, CrashMode mode)
        {
            foreach ((long sector, List<byte[]> versions) in _before)
            {
                int survivor = mode switch
                {
                    CrashMode.DropAll => 0,
                    CrashMode.KeepAll => versions.Count,
                    _ => random.Below(versions.Count + 1),
                };
                if (survivor < versions.Count)
                {
                    versions[survivor].CopyTo(Content, sector * SectorBytes);
                }
            }

            _before.Clear();
        }

        private void Remember(long offset, long end)
        {
            for (long sector = offset / SectorBytes; sector * SectorBytes < end; sector++)
            {
                if (!_before.TryGetValue(sector, out List<byte[]>? versions))
                {
                    _before[sector] = versions = [];
                }

                int start = (int)(sector * SectorBytes);
                versions.Add(Content[start..Math.Min(start + SectorBytes, Content.Length)]);
            }
        }
    }
}
