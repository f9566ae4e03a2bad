namespace Quorate.Codec.Tests;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, B.4, and the check value of the catalogues.</summary>
    public static TheoryData<byte[], uint> Published => new()
    {
        { "123456789"u8.ToArray(), 0xE306_9283 },
        { new byte[32], 0x8A91_36AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8_AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD_794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113F_DB5C },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Inverted_it_is_the_published_checksum(byte[] bytes, uint checksum) =>
        Assert.Equal(checksum, ~Crc32C.Of(Crc32C.Seed, bytes));

    [Fact]
    public void Every_length_and_every_split_give_what_the_polynomial_says()
    {
        byte[] bytes = new byte[41];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            uint expected = BitByBit(bytes.AsSpan(0, length));
            for (int split = 0; split <= length; split++)
            {
                uint first = Crc32C.Of(Crc32C.Seed, bytes.AsSpan(0, split));
                Assert.Equal(expected, Crc32C.Of(first, bytes.AsSpan(split, length - split)));
            }
        }
    }

    [Fact]
    public void A_number_counts_as_its_eight_bytes_the_lowest_first() =>
        Assert.Equal(Crc32C.Of(7, [8, 7, 6, 5, 4, 3, 2, 1]), Crc32C.Of(7, 0x0102_0304_0506_0708));

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint checksum = 0xFFFF_FFFF;
        foreach (byte value in bytes)
        {
            checksum ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0x82F6_3B78);
            }
        }

        return checksum;
    }
}
