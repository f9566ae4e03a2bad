namespace Quorate.Storage;

/// <summary>Reads a file through one reused buffer, a chunk at a time.</summary>
internal sealed class Window(int chunkBytes)
{
    private byte[] _buffer = [];
    private IDiskFile? _file;
    private long _start;
    private int _count;

    /// <summary>Turns to a file and forgets what was buffered, which may have been written since.</summary>
    public void Open(IDiskFile file)
    {
        _file = file;
        _start = 0;
        _count = 0;
        if (_buffer.Length > chunkBytes)
        {
            _buffer = [];
        }
    }

    /// <summary>
    /// The bytes from <paramref name="offset"/> on: all that are buffered, and at least <paramref name="length"/> unless the file ends
    /// before. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> At(long offset, int length)
    {
        long skip = offset - _start;
        if (skip < 0 || skip + length > _count)
        {
            Fill(offset, length);
            skip = 0;
        }

        return _buffer.AsSpan((int)skip, _count - (int)skip);
    }

    private void Fill(long offset, int length)
    {
        // The buffer grows with what the file really holds, never with what its bytes claim.
        long present = Math.Max(0, _file!.Length - offset);
        int wanted = (int)Math.Min(present, Math.Max(chunkBytes, length));
        if (_buffer.Length < wanted)
        {
            _buffer = new byte[wanted];
        }

        _start = offset;
        _count = wanted == 0 ? 0 : _file.Read(offset, _buffer.AsSpan(0, wanted));
    }
}
