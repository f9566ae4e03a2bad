using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage.Tests;

/// <summary>Nothing but what was written is ever taken for a snapshot.</summary>
public sealed class SnapshotDamageTests
{
    [Fact]
    public void Every_flipped_bit_is_found()
    {
        byte[] whole = SnapshotSamples.FileOf(SnapshotSamples.Map(20).Publish());
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] bytes = [.. whole];
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(bytes);
        }
    }

    [Fact]
    public void Every_truncation_and_extension_is_found()
    {
        byte[] whole = SnapshotSamples.FileOf(SnapshotSamples.Map(20).Publish());
        for (int length = 0; length < whole.Length; length++)
        {
            AssertRefused(whole[..length]);
            AssertRefused(whole[(whole.Length - length)..]);
        }

        AssertRefused([.. whole, 0]);
        AssertRefused([0, .. whole]);
        AssertRefused([.. whole, .. whole]);
    }

    [Fact]
    public void Every_byte_may_be_anything_and_only_corruption_is_thrown()
    {
        byte[] whole = SnapshotSamples.FileOf(SnapshotSamples.Map(20).Publish());
        MapTestChance chance = new(3);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = [.. whole];
            int from = chance.Below(bytes.Length);
            int length = 1 + chance.Below(Math.Min(40, bytes.Length - from));
            chance.Bytes(length, 256).CopyTo(bytes, from);
            if (!bytes.AsSpan().SequenceEqual(whole))
            {
                AssertRefused(bytes);
            }
        }
    }

    [Fact]
    public void A_block_of_another_snapshot_or_another_place_is_found()
    {
        byte[] one = TwoEqualBlocks(index: 1, out int first, out int second, out int length);
        byte[] two = TwoEqualBlocks(index: 2, out _, out _, out _);
        one.AsSpan(first, length).CopyTo(two.AsSpan(first));
        AssertRefused(two);
        one.AsSpan(first, length).CopyTo(one.AsSpan(second));
        AssertRefused(one);
    }

    [Fact]
    public void Entries_that_make_no_sense_under_a_right_checksum_are_refused()
    {
        AssertEntriesRefused([0, 1, 1, (byte)'b', 0, 0, 1, 1, (byte)'a', 0], entries: 2);
        AssertEntriesRefused([0, 1, 1, (byte)'a', 0, 0, 1, 1, (byte)'a', 0], entries: 2);
        AssertEntriesRefused([0, 1, 1, (byte)'a', 0, 2, 1, 1, (byte)'a', 0], entries: 2);
        AssertEntriesRefused([1, 1, 1, (byte)'a', 0], entries: 1);
        AssertEntriesRefused([0, 1, 1, (byte)'a', 0], entries: 2);
        AssertEntriesRefused([0, 1, 1, (byte)'a', 0, 0], entries: 1);
        AssertEntriesRefused([0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], entries: 1);
        AssertEntriesRefused([0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, (byte)'a'], entries: 1);
        AssertEntriesRefused([0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, (byte)'a'], entries: 1);
        AssertEntriesRefused([0, 1], entries: 1);
        AssertEntriesRefused([0], entries: 1);
        AssertEntriesRefused([], entries: 1);
        AssertEntriesRefused([], entries: 0);
        AssertEntriesRefused([0, 1, 1, (byte)'a', 0], entries: uint.MaxValue);
        Assert.Equal(1, Open(WithEntries([0, 1, 1, (byte)'a', 0], entries: 1)).Count);
    }

    [Fact]
    public void A_newer_version_of_the_format_is_refused_by_its_number()
    {
        byte[] bytes = WithEntries([0, 1, 1, (byte)'a', 0], entries: 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        uint checksum = Crc32C.Of(Crc32C.Seed, bytes.AsSpan(0, SnapshotFormat.HeadFixedBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SnapshotFormat.HeadFixedBytes), checksum);
        Assert.Contains("version 2", AssertRefused(bytes).Message, StringComparison.Ordinal);
    }

    private static void AssertEntriesRefused(byte[] bytes, uint entries) => AssertRefused(WithEntries(bytes, entries));

    /// <summary>A file with one block of the given bytes and every checksum right.</summary>
    private static byte[] WithEntries(byte[] payload, uint entries)
    {
        byte[] head = new byte[SnapshotFormat.HeadFixedBytes];
        SnapshotFormat.HeadMagic.CopyTo(head);
        head[8] = 1;
        uint headChecksum = Crc32C.Of(Crc32C.Seed, head);
        byte[] block = [.. BitConverter.GetBytes(payload.Length), .. BitConverter.GetBytes(entries), .. payload];
        byte[] blockChecksum = BitConverter.GetBytes(Crc32C.Of(SnapshotFormat.BlockSeed(headChecksum, 0), block));
        long length = head.Length + 4 + block.Length + 4 + SnapshotFormat.TailBytes;
        byte[] tail = [.. BitConverter.GetBytes(1L), .. BitConverter.GetBytes((long)entries), .. BitConverter.GetBytes(2L * entries), .. BitConverter.GetBytes(length)];
        byte[] tailChecksum = BitConverter.GetBytes(Crc32C.Of(SnapshotFormat.BlockSeed(headChecksum, 1), tail));
        return [.. head, .. BitConverter.GetBytes(headChecksum), .. block, .. blockChecksum, .. tail, .. tailChecksum, .. SnapshotFormat.TailMagic];
    }

    /// <summary>A file whose two blocks have the same length.</summary>
    private static byte[] TwoEqualBlocks(ulong index, out int first, out int second, out int length)
    {
        OrderedMap map = new();
        map.Set("a"u8, new byte[SnapshotFormat.BlockBytes]);
        map.Set("b"u8, new byte[SnapshotFormat.BlockBytes]);
        SnapshotTestDisk disk = new();
        SnapshotSamples.Write(disk, map.Publish(), index);
        byte[] bytes = disk[SnapshotFiles.NameOf(index)];
        first = SnapshotFormat.HeadFixedBytes + SnapshotSamples.Caption.Length + SnapshotFormat.ChecksumBytes;
        length = (bytes.Length - first - SnapshotFormat.TailBytes) / 2;
        second = first + length;
        return bytes;
    }

    private static CorruptionException AssertRefused(byte[] bytes)
    {
        CorruptionException verified = Assert.Throws<CorruptionException>(() => Open(bytes));
        SnapshotTestDisk disk = new() { ["x"] = bytes };
        Assert.Throws<CorruptionException>(() =>
        {
            using SnapshotReader reader = SnapshotReader.Open(disk, "x");
            return reader.Load();
        });
        return verified;
    }

    private static OrderedMap Open(byte[] bytes) => SnapshotSamples.Load(new SnapshotTestDisk { ["x"] = bytes }, "x");
}
