using Quorate.Storage;

namespace Quorate.Replica.Tests;

/// <summary>A disk in memory. Contents that were not flushed, and names after the last directory flush, are lost in a crash.</summary>
internal sealed class MemoryDisk : IDisk
{
    private SortedDictionary<string, MemoryFile> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, MemoryFile> _durableNames = new(StringComparer.Ordinal);

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IDiskFile Create(string name, long length)
    {
        Assert.False(_names.ContainsKey(name), $"{name} exists");
        _names[name] = new MemoryFile(length);
        return new Handle(_names[name]);
    }

    public IDiskFile Open(string name) =>
        _names.TryGetValue(name, out MemoryFile? file) ? new Handle(file) : throw new FileNotFoundException(name);

    public void Rename(string from, string to)
    {
        _names[to] = _names[from];
        _names.Remove(from);
    }

    public void Delete(string name) => _names.Remove(name);

    public void FlushDirectory() => _durableNames = new(_names, StringComparer.Ordinal);

    /// <summary>The power fails: only what was flushed is there.</summary>
    public void Crash()
    {
        _names = new(_durableNames, StringComparer.Ordinal);
        foreach (MemoryFile file in _names.Values)
        {
            file.Content = [.. file.Durable];
        }
    }

    public long LengthOf(string name) => _names[name].Content.Length;

    /// <summary>A bit flips where a file of the log holds this text.</summary>
    public void Damage(string text, bool once = true)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        string? name = _names.Keys.FirstOrDefault(
            name => name.StartsWith("log-", StringComparison.Ordinal) && _names[name].Content.AsSpan().IndexOf(bytes) >= 0);
        Assert.True(name is not null || !once, $"{text} is not in the log");
        if (name is not null)
        {
            Flip(name, _names[name].Content.AsSpan().IndexOf(bytes));
        }
    }

    /// <summary>A bit flips.</summary>
    public void Flip(string name, long offset)
    {
        _names[name].Content[offset] ^= 1;
        _names[name].Durable = [.. _names[name].Content];
    }

    /// <summary>A bit flips wherever the log holds this text.</summary>
    public void DamageAll(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        while (_names.Values.Any(file => file.Content.AsSpan().IndexOf(bytes) >= 0))
        {
            Damage(text);
        }
    }

    private sealed class MemoryFile(long length)
    {
        public byte[] Content { get; set; } = new byte[length];

        public byte[] Durable { get; set; } = new byte[length];
    }

    private sealed class Handle(MemoryFile file) : IDiskFile
    {
        public long Length => file.Content.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(file.Content.Length - offset, 0, buffer.Length);
            file.Content.AsSpan((int)Math.Min(offset, file.Content.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (offset + bytes.Length > file.Content.Length)
            {
                byte[] longer = new byte[offset + bytes.Length];
                file.Content.CopyTo(longer, 0);
                file.Content = longer;
            }

            bytes.CopyTo(file.Content.AsSpan((int)offset));
        }

        public void Flush() => file.Durable = [.. file.Content];

        public void Dispose()
        {
        }
    }
}
