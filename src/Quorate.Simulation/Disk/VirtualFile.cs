using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>A file of a <see cref="VirtualDisk"/>: what reads see, and what each unflushed sector was before every write to it.</summary>
internal sealed class VirtualFile(VirtualDisk disk, long length)
{
    private const int SectorBytes = 512;

    private readonly SortedDictionary<int, List<byte[]>> _before = [];
    private byte[] _content = new byte[length];

    public long Length => _content.Length;

    public int Read(long offset, Span<byte> buffer)
    {
        int count = (int)Math.Clamp(_content.Length - offset, 0, buffer.Length);
        _content.AsSpan((int)Math.Min(offset, _content.Length), count).CopyTo(buffer);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        long end = offset + bytes.Length;
        if (end > _content.Length)
        {
            Array.Resize(ref _content, (int)end);
        }

        Remember((int)offset, (int)end);
        bytes.CopyTo(_content.AsSpan((int)offset));

        // Whoever dies while writing may have written any part of it.
        disk.OnCall();
    }

    public void Flush()
    {
        disk.OnCall();
        _before.Clear();
    }

    /// <summary>The power fails.</summary>
    public void Crash(SeededGenerator generator, CrashMode mode)
    {
        foreach ((int sector, List<byte[]> versions) in _before)
        {
            int survivor = mode switch
            {
                CrashMode.DropAll => 0,
                CrashMode.KeepAll => versions.Count,
                _ => (int)generator.Below((ulong)versions.Count + 1),
            };
            if (survivor < versions.Count)
            {
                versions[survivor].CopyTo(_content, sector * SectorBytes);
            }
        }

        _before.Clear();
    }

    private void Remember(int offset, int end)
    {
        for (int sector = offset / SectorBytes; sector * SectorBytes < end; sector++)
        {
            if (!_before.TryGetValue(sector, out List<byte[]>? versions))
            {
                _before[sector] = versions = [];
            }

            int start = sector * SectorBytes;
            versions.Add(_content[start..Math.Min(start + SectorBytes, _content.Length)]);
        }
    }
}
