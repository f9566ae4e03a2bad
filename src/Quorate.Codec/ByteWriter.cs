using System.Buffers.Binary;
using System.Text;

namespace Quorate.Codec;

/// <summary>Writes numbers and bytes into a buffer that grows, and is used again and again. Its reader is <see cref="ByteReader"/>.</summary>
public sealed class ByteWriter
{
    private byte[] _buffer = new byte[4096];

    /// <summary>Bytes written since the start or the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>Those bytes, valid until the next is written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>The same bytes, valid as long.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>Begins anew in the same buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>One byte.</summary>
    public void Byte(byte value) => Take(sizeof(byte))[0] = value;

    /// <summary>One byte, 0 or 1.</summary>
    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>Four bytes, little-endian.</summary>
    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);

    /// <summary>Eight bytes, little-endian.</summary>
    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    /// <summary>A <see cref="Codec.Varint"/>.</summary>
    public void Varint(ulong value)
    {
        Reserve(Codec.Varint.MaxSize);
        Length += Codec.Varint.Write(_buffer.AsSpan(Length), value);
    }

    /// <summary>The length of <paramref name="bytes"/> as a varint, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>UTF-8 behind its length in bytes.</summary>
    public void Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    private Span<byte> Take(int count)
    {
        Reserve(count);
        Span<byte> taken = _buffer.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }
    }
}
