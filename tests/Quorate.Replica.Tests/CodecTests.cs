using Quorate.Codec;
using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class CodecTests
{
    private static readonly Configuration Three = new(
        7,
        ProtocolKind.Raft,
        [
            new Member(A, "ä", "host:1", "http://host:2", MemberRole.Voter),
            new Member(B, "b", string.Empty, string.Empty, MemberRole.Learner),
            new Member(new NodeId(ulong.MaxValue), "c", "x", "y", MemberRole.Voter),
        ],
        B,
        StartsAfter: ulong.MaxValue,
        FeatureLevel: uint.MaxValue);

    private static readonly NodeIdentity Identity = new(0x1234_5678_9ABC_DEF0, C, "nöde", uint.MaxValue);

    [Theory]
    [InlineData(EntryKind.Command, "payload")]
    [InlineData(EntryKind.NoOp, "")]
    [InlineData(EntryKind.StopSign, "next")]
    public void An_entry_comes_back_and_is_held_inside_its_record(EntryKind kind, string payload)
    {
        Entry entry = new(ulong.MaxValue, new Ballot(9, 1UL << 63, B), kind, Bytes(payload));
        byte[] record = RecordCodec.Encode(entry, new ByteWriter(), out Entry stored);
        Assert.True(RecordCodec.TryDecode(record, out DecodedRecord decoded));
        Assert.Equal((RecordKind.Entry, entry.Index, entry.Ballot), (decoded.Kind, decoded.Index, decoded.Ballot));
        AssertSame(entry, decoded.Entry!);
        AssertSame(entry, stored);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(stored.Payload, out ArraySegment<byte> segment));
        Assert.Same(record, segment.Array);
    }

    [Fact]
    public void Every_other_record_comes_back()
    {
        ByteWriter scratch = new();
        Assert.True(RecordCodec.TryDecode(RecordCodec.EncodeTruncate(300, scratch), out DecodedRecord truncate));
        Assert.Equal(new DecodedRecord(RecordKind.Truncate, 300), truncate);
        foreach (bool keeps in (bool[])[true, false])
        {
            Assert.True(RecordCodec.TryDecode(RecordCodec.EncodeRebase(300, Ballot(4, C), keeps, scratch), out DecodedRecord rebase));
            Assert.Equal(new DecodedRecord(RecordKind.Rebase, 300, Ballot(4, C), null, keeps), rebase);
        }

        Assert.True(RecordCodec.TryDecode(RecordCodec.EncodeRepair(300, Ballot(4, C), scratch), out DecodedRecord repair));
        Assert.Equal(new DecodedRecord(RecordKind.Repair, 300, Ballot(4, C)), repair);
        foreach (RecordKind kind in (RecordKind[])[RecordKind.Ballots, RecordKind.Start, RecordKind.Boot])
        {
            Assert.True(RecordCodec.TryDecode(RecordCodec.Encode(kind, scratch), out DecodedRecord decoded));
            Assert.Equal(new DecodedRecord(kind), decoded);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_caption_comes_back(bool isFounded)
    {
        Caption caption = new(Identity, new Ballots(1UL << 40, B, Ballot(3)), 17, 20, Ballot(9, C), isFounded ? Three : null);
        Caption decoded = Caption.Decode(caption.Encode(new ByteWriter()));
        AssertSame(caption.Configuration, decoded.Configuration);
        Assert.Equal(caption with { Configuration = null }, decoded with { Configuration = null });
    }

    [Fact]
    public void A_caption_of_another_format_says_which()
    {
        FormatException failure = Assert.Throws<FormatException>(() => Caption.Decode([9, 0, 0]));
        Assert.Contains("9", failure.Message);
        Assert.Throws<FormatException>(() => Caption.Decode([]));
    }

    [Fact]
    public void A_snapshot_caption_comes_back()
    {
        SnapshotCaption caption = new(ulong.MaxValue, 1UL << 50, Ballot(77, C), Three);
        SnapshotCaption decoded = SnapshotCaption.Decode(caption.Encode());
        AssertSame(Three, decoded.Configuration);
        Assert.Equal(caption with { Configuration = Three }, decoded with { Configuration = Three });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hello_comes_back(bool isFounded)
    {
        PeerHello hello = new(Identity, "peer:1", "http://client", "Raft:a=b", isFounded ? Three : null);
        Assert.True(PeerHello.TryDecode(hello.Encode(), out PeerHello? decoded));
        AssertSame(hello.Configuration, decoded!.Configuration);
        Assert.Equal(hello with { Configuration = null }, decoded with { Configuration = null });
    }

    [Fact]
    public void A_configuration_that_could_not_be_read_back_is_not_written()
    {
        NodeId[] ids = [.. Enumerable.Range(1, 65).Select(id => new NodeId((ulong)id))];
        ByteWriter writer = new();
        ConfigurationCodec.Write(writer, Configuration(ids[..64]));
        ByteReader reader = new(writer.Written);
        AssertSame(Configuration(ids[..64]), ConfigurationCodec.Read(ref reader));
        Assert.True(reader.IsComplete);
        Assert.Throws<InvariantException>(() => ConfigurationCodec.Write(writer, Configuration(ids)));
    }

    [Fact]
    public void A_payload_gives_its_stamp_and_its_commands_back_in_order()
    {
        ByteWriter writer = new();
        EntryPayload.Add(writer, new RequestId(A, uint.MaxValue, ulong.MaxValue), Bytes("one"));
        EntryPayload.Add(writer, RequestId.None, default);
        EntryPayload.Add(writer, new RequestId(C, 1, 2), Bytes("three"));
        byte[] payload = EntryPayload.Stamp(1234567, writer.Written);
        Assert.Equal(
            [(new RequestId(A, uint.MaxValue, ulong.MaxValue), "one"), (RequestId.None, string.Empty), (new RequestId(C, 1, 2), "three")],
            Commands(payload, out long stampMs));
        Assert.Equal(1234567, stampMs);
        Assert.Equal(1234567, EntryPayload.StampOf(payload));
    }

    [Fact]
    public void A_payload_may_hold_no_command_and_never_a_negative_stamp()
    {
        Assert.Empty(Commands(EntryPayload.Stamp(7, default), out long stampMs));
        Assert.Equal(7, stampMs);
        Assert.Throws<InvariantException>(() => EntryPayload.Stamp(-1, default));
    }

    private static void AssertSame(Entry expected, Entry actual)
    {
        Assert.Equal((expected.Index, expected.Ballot, expected.Kind), (actual.Index, actual.Ballot, actual.Kind));
        Assert.True(expected.Payload.Span.SequenceEqual(actual.Payload.Span));
    }

    private static void AssertSame(Configuration? expected, Configuration? actual)
    {
        Assert.Equal(expected?.Members, actual?.Members);
        Assert.Equal(expected is null ? null : expected with { Members = [] }, actual is null ? null : actual with { Members = [] });
    }
}
