using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>A file of a <see cref="VirtualDisk"/>: what reads see, and what each unflushed sector was before every write to it.</summary>
internal sealed class VirtualFile(VirtualDisk disk, long length)
{
    private const int SectorBytes = 512;

    private readonly SortedDictionary<int, List<byte[]>> _before = [];
    private readonly SortedDictionary<int, (long Flush, byte[] Before)> _flushed = [];
    private byte[] _content = new byte[length];
    private bool _isBegun;

    public long Length => _content.Length;

    /// <summary>The number of the last flush that had something to do.</summary>
    public long LastFlush { get; private set; }

    /// <summary>The number of the flush that made the newest beginning of the file durable.</summary>
    public long BeginFlush { get; private set; }

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
        _isBegun |= offset == 0;
        bytes.CopyTo(_content.AsSpan((int)offset));

        // Whoever dies while writing may have written any part of it.
        disk.OnCall();
    }

    public void Flush()
    {
        disk.OnCall();
        if (_before.Count > 0)
        {
            LastFlush++;
            BeginFlush = _isBegun ? LastFlush : BeginFlush;
            _isBegun = false;
            foreach ((int sector, List<byte[]> versions) in _before)
            {
                _flushed[sector] = (LastFlush, versions[0]);
            }
        }

        _before.Clear();
    }

    /// <summary>The sectors that were written last before a flush of this number, and flushed.</summary>
    public IEnumerable<int> FlushedBefore(long flush) =>
        _flushed.Where(sector => sector.Value.Flush < flush && !_before.ContainsKey(sector.Key)).Select(sector => sector.Key);

    public byte[] Sector(int sector) => _content[StartOf(sector)..EndOf(sector)];

    /// <summary>Some bits of a sector flip.</summary>
    public void Flip(int sector, SeededGenerator generator, int bits)
    {
        for (; bits > 0; bits--)
        {
            _content[generator.Between(StartOf(sector), EndOf(sector) - 1)] ^= (byte)(1 << generator.Between(0, 7));
        }
    }

    /// <summary>The last write to a sector never happened.</summary>
    public void Forget(int sector) => Overwrite(sector, _flushed[sector].Before);

    /// <summary>A write for another sector lands on this one.</summary>
    public void Overwrite(int sector, byte[] bytes) =>
        bytes.AsSpan(0, Math.Min(bytes.Length, EndOf(sector) - StartOf(sector))).CopyTo(_content.AsSpan(StartOf(sector)));

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
        _isBegun = false;
    }

    private static int StartOf(int sector) => sector * SectorBytes;

    private int EndOf(int sector) => Math.Min(StartOf(sector) + SectorBytes, _content.Length);

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
