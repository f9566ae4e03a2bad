namespace Quorate.Codec.Tests;

public sealed class ByteReaderTests
{
    [Fact]
    public void What_was_written_comes_back_in_order()
    {
        ByteWriter writer = new();
        writer.Byte(7);
        writer.Bool(true);
        writer.Bool(false);
        writer.UInt32(0x0102_0304);
        writer.UInt64(0x0102_0304_0506_0708);
        writer.Varint(300);
        writer.Varint(uint.MaxValue);
        writer.Bytes([1, 2, 3]);
        writer.Text("ä");
        writer.Raw([9, 8]);
        Assert.Equal(
            [
                7, 1, 0, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1, 0xAC, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F,
                3, 1, 2, 3, 2, 0xC3, 0xA4, 9, 8,
            ],
            writer.ToArray());

        ByteReader reader = new(writer.Written);
        Assert.Equal((7, true, false), (reader.Byte(), reader.Bool(), reader.Bool()));
        Assert.Equal((0x0102_0304u, 0x0102_0304_0506_0708UL), (reader.UInt32(), reader.UInt64()));
        Assert.Equal((300UL, uint.MaxValue), (reader.Varint(), reader.Varint32()));
        Assert.Equal([1, 2, 3], reader.Bytes().ToArray());
        Assert.Equal("ä", reader.Text());
        Assert.Equal(9, reader.Raw(1)[0]);
        Assert.False(reader.AtEnd);
        Assert.Equal([8], reader.Rest().ToArray());
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void A_fault_stays_and_everything_after_it_reads_as_nothing()
    {
        ByteReader reader = new([5, 1, 2]);
        Assert.True(reader.Bytes().IsEmpty);
        Assert.True(reader.Failed);
        Assert.Equal((0, false, 0u, 0UL), (reader.Byte(), reader.Bool(), reader.UInt32(), reader.UInt64()));
        Assert.Equal((0UL, 0u, 0, string.Empty), (reader.Varint(), reader.Varint32(), reader.Count(1), reader.Text()));
        Assert.True(reader.Rest().IsEmpty);
        Assert.False(reader.IsComplete);
    }

    [Fact]
    public void Whatever_is_cut_short_is_a_fault()
    {
        Assert.True(Fails([], (ref ByteReader reader) => reader.Byte()));
        Assert.True(Fails([], (ref ByteReader reader) => reader.Varint()));
        Assert.True(Fails([1, 2, 3], (ref ByteReader reader) => reader.UInt32()));
        Assert.True(Fails([1, 2, 3, 4, 5, 6, 7], (ref ByteReader reader) => reader.UInt64()));
        Assert.True(Fails([1, 2], (ref ByteReader reader) => reader.Raw(3)));
        Assert.True(Fails([1, 2], (ref ByteReader reader) => reader.Raw(uint.MaxValue)));
        Assert.True(Fails([0x80], (ref ByteReader reader) => reader.Varint()));
        Assert.False(Fails([], (ref ByteReader reader) => reader.Rest()));
    }

    [Fact]
    public void What_makes_no_sense_is_a_fault()
    {
        Assert.True(Fails([2], (ref ByteReader reader) => reader.Bool()));
        Assert.True(Fails([0x80, 0x80, 0x80, 0x80, 0x10], (ref ByteReader reader) => reader.Varint32()));
        Assert.True(Fails([1], (ref ByteReader reader) => reader.Fail()));
    }

    [Fact]
    public void A_count_never_promises_more_than_the_bytes_can_hold()
    {
        Assert.False(Fails([2, 0, 0, 0, 0], (ref ByteReader reader) => Assert.Equal(2, reader.Count(2))));
        Assert.True(Fails([3, 0, 0, 0, 0], (ref ByteReader reader) => Assert.Equal(0, reader.Count(2))));
        Assert.True(Fails([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], (ref ByteReader reader) => Assert.Equal(0, reader.Count(1))));
    }

    private static bool Fails(byte[] bytes, Read read)
    {
        ByteReader reader = new(bytes);
        read(ref reader);
        Assert.False(reader.Failed && reader.IsComplete);
        return reader.Failed;
    }

    private delegate void Read(ref ByteReader reader);
}
