using System.Text;

namespace Quorate.Cli.Bench.Http2;

/// <summary>
/// Reads header blocks (RFC 7541) and keeps of them what a load test needs: the status of the call and its message. One per connection:
/// the table that both sides build up is its state.
/// </summary>
internal sealed class HpackDecoder
{
    private const int StaticEntries = 61;
    private const int EntryOverheadBytes = 32;
    private const int TableBytes = 4096;
    private const int NoStatus = -1;
    private const int LargestText = 16 * 1024;

    /// <summary>Only a status may matter of the static table: none of gRPC's own headers is in it.</summary>
    private static readonly (byte[] Name, byte[] Value) StaticEntry = ([], []);

    private readonly List<(byte[] Name, byte[] Value)> _table = [];
    private readonly byte[] _nameScratch = new byte[LargestText];
    private readonly byte[] _valueScratch = new byte[LargestText];
    private int _tableBytes;
    private int _limitBytes = TableBytes;

    /// <summary>The status of the last block; −1 when it had none.</summary>
    public int Status { get; private set; }

    public string Message { get; private set; } = "";

    /// <exception cref="FormatException">The block is damaged.</exception>
    public void Decode(ReadOnlySpan<byte> block)
    {
        Status = NoStatus;
        Message = "";
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0x80) != 0)
            {
                (byte[] name, byte[] value) = Entry(Integer(ref block, 7));
                Note(name, value);
            }
            else if ((first & 0xE0) == 0x20)
            {
                Resize(Integer(ref block, 5));
            }
            else
            {
                Literal(ref block, isIndexed: (first & 0x40) != 0);
            }
        }
    }

    private void Literal(ref ReadOnlySpan<byte> block, bool isIndexed)
    {
        int index = Integer(ref block, isIndexed ? 6 : 4);
        ReadOnlySpan<byte> name = index > 0 ? Entry(index).Name : Text(ref block, _nameScratch);
        ReadOnlySpan<byte> value = Text(ref block, _valueScratch);
        Note(name, value);
        if (isIndexed)
        {
            _table.Insert(0, (name.ToArray(), value.ToArray()));
            _tableBytes += name.Length + value.Length + EntryOverheadBytes;
            Evict();
        }
    }

    private void Note(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("grpc-status"u8))
        {
            Status = 0;
            foreach (byte digit in value)
            {
                Status = (Status * 10) + (digit - '0');
            }
        }
        else if (name.SequenceEqual("grpc-message"u8) && value.Length > 0)
        {
            Message = Uri.UnescapeDataString(Encoding.UTF8.GetString(value));
        }
    }

    private (byte[] Name, byte[] Value) Entry(int index)
    {
        if (index is > 0 and <= StaticEntries)
        {
            return StaticEntry;
        }

        int dynamic = index - StaticEntries - 1;
        return dynamic >= 0 && dynamic < _table.Count ? _table[dynamic] : throw new FormatException($"header index {index} is not in the table");
    }

    private void Resize(int bytes)
    {
        _limitBytes = bytes <= TableBytes ? bytes : throw new FormatException($"a header table of {bytes} bytes was not offered");
        Evict();
    }

    private void Evict()
    {
        while (_tableBytes > _limitBytes)
        {
            (byte[] name, byte[] value) = _table[^1];
            _tableBytes -= name.Length + value.Length + EntryOverheadBytes;
            _table.RemoveAt(_table.Count - 1);
        }
    }

    private static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> block, Span<byte> scratch)
    {
        bool isHuffman = !block.IsEmpty && (block[0] & 0x80) != 0;
        int length = Integer(ref block, 7);
        if (length > block.Length)
        {
            throw new FormatException("a header reaches beyond its block");
        }

        ReadOnlySpan<byte> raw = block[..length];
        block = block[length..];
        return isHuffman ? scratch[..Huffman.Decode(raw, scratch)] : raw;
    }

    private static int Integer(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        if (block.IsEmpty)
        {
            throw new FormatException("a header block ends in a number");
        }

        int most = (1 << prefixBits) - 1;
        int value = block[0] & most;
        block = block[1..];
        if (value < most)
        {
            return value;
        }

        for (int shift = 0; shift <= 21; shift += 7)
        {
            if (block.IsEmpty)
            {
                break;
            }

            byte part = block[0];
            block = block[1..];
            value += (part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                return value;
            }
        }

        throw new FormatException("a header block holds a number without an end");
    }
}
