namespace Quorate.Codec.Tests;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, new byte[] { 0 })]
    [InlineData(127, new byte[] { 0x7F })]
    [InlineData(128, new byte[] { 0x80, 0x01 })]
    [InlineData(300, new byte[] { 0xAC, 0x02 })]
    [InlineData(16383, new byte[] { 0xFF, 0x7F })]
    [InlineData(16384, new byte[] { 0x80, 0x80, 0x01 })]
    [InlineData(long.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(ulong.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    public void A_number_takes_a_byte_for_every_seven_bits(ulong value, byte[] expected)
    {
        byte[] bytes = new byte[Varint.MaxSize];
        Assert.Equal(expected.Length, Varint.Size(value));
        Assert.Equal(expected.Length, Varint.Write(bytes, value));
        Assert.Equal(expected, bytes[..expected.Length]);
        Assert.Equal(expected.Length, Varint.Read(bytes, out ulong read));
        Assert.Equal(value, read);
        Assert.Equal(0, Varint.Read(expected.AsSpan(0, expected.Length - 1), out _));
    }

    [Theory]
    [InlineData(0x02)]
    [InlineData(0x7F)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public void A_number_that_does_not_fit_is_none(byte last) =>
        Assert.Equal(0, Varint.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, last, 0x01], out _));
}
