namespace Quorate.Storage;

/// <summary>A file that is written under a passing name and gets its own when it is whole, or is deleted.</summary>
internal sealed class AsideFile : IDisposable
{
    private readonly IDisk _disk;
    private readonly string _name;
    private readonly IDiskFile _file;

    private long _flushed;
    private bool _isClosed;

    public AsideFile(IDisk disk, string name)
    {
        _disk = disk;
        _name = name;

        // What an attempt that failed left behind must not shine through under what is written now.
        if (disk.List().Contains(name))
        {
            disk.Delete(name);
        }

        _file = disk.Create(name, 0);
    }

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Write(Length, bytes);
        Length += bytes.Length;
        if (Length - _flushed >= SnapshotFormat.FlushEveryBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        _file.Flush();
        _flushed = Length;
    }

    /// <summary>Gives the file its own name for good. Everything must have been flushed.</summary>
    public void RenameTo(string name)
    {
        if (_flushed != Length)
        {
            throw new InvalidOperationException("A file is renamed only when it is durable.");
        }

        Close();
        _disk.Rename(_name, name);
        _disk.FlushDirectory();
    }

    /// <summary>Deletes the file unless it was renamed.</summary>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        Close();
        try
        {
            _disk.Delete(_name);
        }
        catch (IOException)
        {
            // Nothing depends on it: whatever stays is deleted at the next start.
        }
    }

    private void Close()
    {
        _isClosed = true;
        _file.Dispose();
    }
}
