using System.Text;
using Quorate.Cli.Bench.Http2;

namespace Quorate.Cli.Tests;

/// <summary>The examples of RFC 7541, appendix C, and what gRPC servers send.</summary>
public sealed class HpackTests
{
    [Theory]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com")]
    [InlineData("a8eb10649cbf", "no-cache")]
    [InlineData("25a849e95ba97d7f", "custom-key")]
    [InlineData("25a849e95bb8e8b4bf", "custom-value")]
    [InlineData("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT")]
    [InlineData("9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com")]
    public void Huffman_texts_of_the_standard_are_read(string coded, string expected)
    {
        byte[] text = new byte[100];
        Assert.Equal(expected, Encoding.ASCII.GetString(text, 0, Huffman.Decode(Convert.FromHexString(coded), text)));
    }

    [Fact]
    public void A_status_is_found_as_a_literal_and_again_in_the_table()
    {
        HpackDecoder decoder = new();
        byte[] literal = [0x40, 11, .. "grpc-status"u8, 1, (byte)'5', 0x00, 12, .. "grpc-message"u8, 7, .. "no%20ok"u8];
        decoder.Decode(literal);
        Assert.Equal((5, "no ok"), (decoder.Status, decoder.Message));

        decoder.Decode([0xBE]);
        Assert.Equal((5, ""), (decoder.Status, decoder.Message));

        // ":status: 200" of the static table is no status of gRPC's.
        decoder.Decode([0x88]);
        Assert.Equal(-1, decoder.Status);
    }

    [Fact]
    public void A_table_that_is_made_smaller_forgets()
    {
        HpackDecoder decoder = new();
        decoder.Decode([0x40, 11, .. "grpc-status"u8, 1, (byte)'0']);
        decoder.Decode([0x20]);
        Assert.Throws<FormatException>(() => decoder.Decode([0xBE]));
    }

    [Theory]
    [InlineData("7f")]
    [InlineData("ff80808080808080")]
    [InlineData("400b67727063")]
    [InlineData("80")]
    [InlineData("3fffffff7f")]
    public void A_damaged_block_is_refused(string block)
    {
        Assert.Throws<FormatException>(() => new HpackDecoder().Decode(Convert.FromHexString(block)));
    }

    [Fact]
    public void Request_headers_are_written_in_full_once_and_as_numbers_afterwards()
    {
        HeaderEncoder encoder = new("127.0.0.1:2379");
        byte[] block = new byte[HeaderEncoder.MostBytes];
        int first = encoder.Write(block, "/etcdserverpb.KV/Put");
        int second = encoder.Write(block, "/etcdserverpb.KV/Put");
        byte[] numbers = block[..second];
        int other = encoder.Write(block, "/etcdserverpb.KV/Range");

        Assert.InRange(first, 60, HeaderEncoder.MostBytes);
        Assert.Equal([0x83, 0x86, 0xC2, 0xC1, 0xC0, 0xBF, 0xBE], numbers);
        Assert.InRange(other, second + 1, first);
        Assert.Equal(0xC2, block[other - 4]);
    }
}
