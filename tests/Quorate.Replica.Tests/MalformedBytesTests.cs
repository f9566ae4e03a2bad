using Quorate.Codec;
using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class MalformedBytesTests
{
    private static readonly Configuration Two = Configuration(A, B);
    private static readonly NodeIdentity Identity = new(5, A, "n", 3);

    [Fact]
    public void A_damaged_hello_is_no_hello_or_another_one()
    {
        byte[] bytes = new PeerHello(Identity, "p:1", "c", "Raft:x", Two).Encode();
        static bool Decode(byte[] damaged) => PeerHello.TryDecode(damaged, out PeerHello? hello) && Again(hello!.Encode());
        static bool Again(byte[] encoded) => PeerHello.TryDecode(encoded, out _);
        AssertNoPrefixIsTaken(bytes, Decode);
        AssertNeverWorse(bytes, Decode);
    }

    [Fact]
    public void A_hello_of_nobody_or_of_a_cluster_without_an_id_is_no_hello()
    {
        PeerHello hello = new(Identity, "p", "c", "f", Two);
        Assert.True(PeerHello.TryDecode(hello.Encode(), out _));
        Assert.False(PeerHello.TryDecode((hello with { Identity = Identity with { Node = NodeId.None } }).Encode(), out _));
        Assert.False(PeerHello.TryDecode((hello with { Identity = Identity with { ClusterId = 0 } }).Encode(), out _));
    }

    [Fact]
    public void A_damaged_caption_is_refused_as_a_wrong_format()
    {
        byte[] bytes = new Caption(Identity, new Ballots(3, B, Ballot(2)), 5, 9, Ballot(2), Two).Encode(new ByteWriter());
        static bool Decode(byte[] damaged) => Caption.Decode(damaged) is not null;
        AssertNoPrefixIsTaken(bytes, Decode);
        AssertNeverWorse(bytes, Decode);
    }

    [Fact]
    public void A_damaged_snapshot_caption_is_refused_as_a_wrong_format()
    {
        byte[] bytes = new SnapshotCaption(5, 9, Ballot(2), Two).Encode();
        static bool Decode(byte[] damaged) => SnapshotCaption.Decode(damaged) is not null;
        AssertNoPrefixIsTaken(bytes, Decode);
        AssertNeverWorse(bytes, Decode);
    }

    [Fact]
    public void A_damaged_record_is_no_record_or_another_one()
    {
        ByteWriter scratch = new();
        static bool Decode(byte[] damaged) => RecordCodec.TryDecode(damaged, out _);
        byte[] entry = RecordCodec.Encode(Entry(300, 4, string.Empty), scratch, out _);
        byte[] rebase = RecordCodec.EncodeRebase(300, Ballot(4), keeps: true, scratch);
        byte[] truncate = RecordCodec.EncodeTruncate(300, scratch);
        byte[] repair = RecordCodec.EncodeRepair(300, Ballot(4), scratch);
        byte[] boot = RecordCodec.Encode(RecordKind.Boot, scratch);
        foreach (byte[] record in (byte[][])[entry, rebase, truncate, repair, boot])
        {
            AssertNoPrefixIsTaken(record, Decode);
            AssertNeverWorse(record, Decode);
        }

        Assert.False(Decode([.. boot, 0]));
        Assert.False(Decode([8, 0]));
        Assert.False(Decode([0, 0]));
    }

    [Fact]
    public void An_entry_of_a_kind_or_group_that_this_build_does_not_know_is_not_taken_for_one_it_knows()
    {
        foreach (byte kind in (byte[])[0, 4, 255])
        {
            byte[] record = RecordCodec.Encode(new Entry(1, Ballot(1), (EntryKind)kind, default), new ByteWriter(), out _);
            Assert.False(RecordCodec.TryDecode(record, out _));
        }

        byte[] ofAnotherGroup = RecordCodec.EncodeTruncate(300, new ByteWriter());
        ofAnotherGroup[1] = 1;
        Assert.False(RecordCodec.TryDecode(ofAnotherGroup, out _));
    }

    [Fact]
    public void A_configuration_that_no_group_can_live_in_is_not_taken()
    {
        Member a = Two.Members[0];
        Member b = Two.Members[1];
        Assert.True(IsRead(Two));
        Assert.False(IsRead(Two with { Protocol = 0 }));
        Assert.False(IsRead(Two with { Protocol = (ProtocolKind)99 }));
        Assert.False(IsRead(Two with { Members = [a, b with { Role = 0 }] }));
        Assert.False(IsRead(Two with { Members = [a, b with { Id = NodeId.None }] }));
        Assert.False(IsRead(Two with { Members = [a, a] }));
        Assert.False(IsRead(Two with { Members = [b, a] }));
        Assert.False(IsRead(Two with { Members = [] }));
        Assert.False(IsRead(Two with { Members = [a with { Role = MemberRole.Learner }] }));
    }

    [Fact]
    public void A_count_of_members_that_cannot_be_there_allocates_nothing()
    {
        ByteWriter writer = new();
        ConfigurationCodec.Write(writer, Two with { Members = [] });
        byte[] bytes = [.. writer.Written[..^1], 0xFF, 0xFF, 0xFF, 0xFF, 0x07, .. new byte[100]];
        Assert.False(Damage.IsTaken(bytes, IsRead));
    }

    [Fact]
    public void A_damaged_payload_of_a_decided_entry_breaks_an_invariant_and_does_nothing_else()
    {
        ByteWriter writer = new();
        EntryPayload.Add(writer, new RequestId(A, 1, 1000), Bytes("abc"));
        byte[] payload = EntryPayload.Stamp(300, writer.Written);
        int refused = 0;
        foreach (byte[] damaged in Damage.Prefixes(payload).Concat(Damage.Changes(payload)))
        {
            try
            {
                Damage.IsTaken(damaged, bytes => Commands(bytes, out _).Count >= 0);
            }
            catch (InvariantException)
            {
                refused++;
            }
        }

        Assert.True(refused > payload.Length / 2, $"{refused} refused");
    }

    private static void AssertNoPrefixIsTaken(byte[] bytes, Func<byte[], bool> decode)
    {
        Assert.True(Damage.IsTaken(bytes, decode));
        foreach (byte[] prefix in Damage.Prefixes(bytes))
        {
            Assert.False(Damage.IsTaken(prefix, decode), $"the first {prefix.Length} bytes");
        }
    }

    private static void AssertNeverWorse(byte[] bytes, Func<byte[], bool> decode)
    {
        int refused = Damage.Changes(bytes).Count(damaged => !Damage.IsTaken(damaged, decode));
        Assert.True(refused > 0, "No damage was noticed.");
    }

    private static bool IsRead(Configuration configuration)
    {
        ByteWriter writer = new();
        ConfigurationCodec.Write(writer, configuration);
        return IsRead(writer.ToArray());
    }

    private static bool IsRead(byte[] bytes)
    {
        ByteReader reader = new(bytes);
        ConfigurationCodec.Read(ref reader);
        return reader.IsComplete;
    }
}
