namespace Quorate.Storage.Tests;

/// <summary>
/// A disk in memory that fails a chosen call and forgets what was not flushed when it crashes: content without a flush of
/// the file, names without a flush of the directory.
/// </summary>
internal sealed class SnapshotTestDisk : IDisk
{
    private SortedDictionary<string, Node> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, Node> _durableNames = new(StringComparer.Ordinal);

    /// <summary>How many calls that change something were made.</summary>
    public int Calls { get; private set; }

    /// <summary>The call that fails, and how.</summary>
    public (int Call, Func<IOException> Error)? Failure { get; set; }

    public int Flushes { get; private set; }

    public byte[] this[string name]
    {
        get => [.. _names[name].Content];
        set => _names[name] = new Node { Content = [.. value], Durable = value };
    }

    public void Crash()
    {
        _names = new(_durableNames, StringComparer.Ordinal);
        foreach (Node node in _names.Values)
        {
            node.Content = [.. node.Durable];
        }
    }

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IDiskFile Create(string name, long length)
    {
        Count();
        Assert.DoesNotContain(name, _names.Keys);
        Node node = new() { Content = [.. new byte[length]] };
        _names.Add(name, node);
        return new OpenFile(this, node);
    }

    public IDiskFile Open(string name) => new OpenFile(this, _names[name]);

    public void Rename(string from, string to)
    {
        Count();
        _names.Remove(from, out Node? node);
        _names[to] = node!;
    }

    public void Delete(string name)
    {
        Count();
        Assert.True(_names.Remove(name));
    }

    public void FlushDirectory()
    {
        Count();
        _durableNames = new(_names, StringComparer.Ordinal);
    }

    private void Count()
    {
        if (++Calls == Failure?.Call)
        {
            throw Failure.Value.Error();
        }
    }

    private sealed class Node
    {
        public List<byte> Content { get; set; } = [];

        public byte[] Durable { get; set; } = [];
    }

    private sealed class OpenFile(SnapshotTestDisk disk, Node node) : IDiskFile
    {
        public long Length => node.Content.Count;

        public int Read(long offset, Span<byte> buffer)
        {
            int length = (int)Math.Clamp(node.Content.Count - offset, 0, buffer.Length);
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(node.Content).Slice((int)offset, length).CopyTo(buffer);
            return length;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.Count();
            Assert.Equal(node.Content.Count, offset);
            node.Content.AddRange(bytes);
        }

        public void Flush()
        {
            disk.Count();
            disk.Flushes++;
            node.Durable = [.. node.Content];
        }

        public void Dispose()
        {
        }
    }
}
