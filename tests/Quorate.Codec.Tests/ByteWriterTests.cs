namespace Quorate.Codec.Tests;

public sealed class ByteWriterTests
{
    [Fact]
    public void A_writer_that_has_to_grow_keeps_what_it_holds()
    {
        ByteWriter writer = new();
        byte[] large = new byte[100_000];
        new Random(1).NextBytes(large);
        writer.Text("before");
        writer.Bytes(large);
        writer.UInt64(42);
        ByteReader reader = new(writer.Written);
        Assert.Equal("before", reader.Text());
        Assert.True(reader.Bytes().SequenceEqual(large));
        Assert.Equal(42UL, reader.UInt64());
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void Every_field_finds_room_at_the_end_of_the_buffer()
    {
        for (int filled = 4080; filled <= 4100; filled++)
        {
            ByteWriter writer = new();
            writer.Raw(new byte[filled]);
            writer.Varint(ulong.MaxValue);
            Assert.Equal(filled + Varint.MaxSize, writer.Length);
        }
    }

    [Fact]
    public void A_cleared_writer_begins_anew_and_its_copies_stay()
    {
        ByteWriter writer = new();
        writer.Byte(1);
        byte[] copy = writer.ToArray();
        writer.Clear();
        Assert.Equal(0, writer.Length);
        writer.Byte(2);
        Assert.Equal([1], copy);
        Assert.Equal([2], writer.Written.ToArray());
    }
}
