using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>What a record in the log of records says.</summary>
internal enum RecordKind : byte
{
    /// <summary>An entry was appended.</summary>
    Entry = 1,

    /// <summary>The entry at an index and everything behind it were cut.</summary>
    Truncate = 2,

    /// <summary>Ballots changed; they stand in the caption of the batch, the record gives the change a position.</summary>
    Ballots = 3,

    /// <summary>A configuration begins; it stands in the caption of the batch.</summary>
    Start = 4,

    /// <summary>A snapshot stands in for everything up to an index.</summary>
    Rebase = 5,

    /// <summary>A boot: the first record of every incarnation.</summary>
    Boot = 6,

    /// <summary>A part of the log was lost to a corrupt disk: it is built up anew from here on, behind the snapshot.</summary>
    Repair = 7,
}

/// <summary>
/// The records a replica writes. First the kind (one byte) and the group (varint, 0 today), then:
/// entry: index, configuration, round (varints), node (8 bytes), kind (1 byte), the payload to the end;
/// truncate: index (varint); rebase: index, configuration, round (varints), node (8 bytes), 1 if the entries behind stayed, else 0;
/// repair: index, configuration, round, node;
/// ballots, start and boot: nothing, for what they announce stands in the caption of their batch.
/// </summary>
internal static class RecordCodec
{
    /// <summary>
    /// Writes an entry as the record at <paramref name="position"/>, and gives back the same entry with its payload inside that
    /// record, so that it is held once.
    /// </summary>
    public static ReadOnlyMemory<byte> Encode(Entry entry, ByteWriter scratch, RecordMemory memory, long position, out Entry stored)
    {
        scratch.Clear();
        scratch.Byte((byte)RecordKind.Entry);
        scratch.Varint(0);
        scratch.Varint(entry.Index);
        WriteBallot(scratch, entry.Ballot);
        scratch.Byte((byte)entry.Kind);
        int head = scratch.Length;
        Memory<byte> record = memory.Take(head + entry.Payload.Length, position);
        scratch.Written.CopyTo(record.Span);
        entry.Payload.CopyTo(record[head..]);
        stored = entry with { Payload = record[head..] };
        return record;
    }

    public static byte[] Encode(RecordKind kind, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Byte((byte)kind);
        scratch.Varint(0);
        return scratch.ToArray();
    }

    public static byte[] EncodeTruncate(ulong index, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Byte((byte)RecordKind.Truncate);
        scratch.Varint(0);
        scratch.Varint(index);
        return scratch.ToArray();
    }

    public static byte[] EncodeRebase(ulong index, Ballot ballot, bool keeps, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Byte((byte)RecordKind.Rebase);
        scratch.Varint(0);
        scratch.Varint(index);
        WriteBallot(scratch, ballot);
        scratch.Byte(keeps ? (byte)1 : (byte)0);
        return scratch.ToArray();
    }

    public static byte[] EncodeRepair(ulong index, Ballot ballot, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Byte((byte)RecordKind.Repair);
        scratch.Varint(0);
        scratch.Varint(index);
        WriteBallot(scratch, ballot);
        return scratch.ToArray();
    }

    /// <summary>Reads a record; false if it is not one.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> record, out DecodedRecord decoded)
    {
        var reader = new ByteReader(record);
        var kind = (RecordKind)reader.Byte();
        bool isOurs = reader.Varint() == 0;
        decoded = new DecodedRecord(kind);
        switch (kind)
        {
            case RecordKind.Entry:
                ulong index = reader.Varint();
                Ballot ballot = ReadBallot(ref reader);
                EntryKind entryKind = ReadEntryKind(ref reader);
                decoded = decoded with { Index = index, Ballot = ballot, Entry = new Entry(index, ballot, entryKind, reader.Rest().ToArray()) };
                break;
            case RecordKind.Truncate:
                decoded = decoded with { Index = reader.Varint() };
                break;
            case RecordKind.Rebase:
                decoded = decoded with { Index = reader.Varint(), Ballot = ReadBallot(ref reader), Keeps = reader.Byte() == 1 };
                break;
            case RecordKind.Repair:
                decoded = decoded with { Index = reader.Varint(), Ballot = ReadBallot(ref reader) };
                break;
            case RecordKind.Ballots or RecordKind.Start or RecordKind.Boot:
                break;
            default:
                return false;
        }

        return isOurs && reader.IsComplete;
    }

    /// <summary>Reads the kind of an entry. An unknown one is a fault: who took it for a no-op would apply something else than the others.</summary>
    public static EntryKind ReadEntryKind(ref ByteReader reader)
    {
        var kind = (EntryKind)reader.Byte();
        if (!Enum.IsDefined(kind))
        {
            reader.Fail();
        }

        return kind;
    }

    public static void WriteBallot(ByteWriter writer, Ballot ballot)
    {
        writer.Varint(ballot.Configuration);
        writer.Varint(ballot.Round);
        writer.UInt64(ballot.Node.Value);
    }

    public static Ballot ReadBallot(ref ByteReader reader)
    {
        uint configuration = reader.Varint32();
        ulong round = reader.Varint();
        return new Ballot(configuration, round, new NodeId(reader.UInt64()));
    }
}

/// <summary>A record as it was read back.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Index">Of entries, truncations, rebases and repairs.</param>
/// <param name="Ballot">Of entries, rebases and repairs.</param>
/// <param name="Entry">Of entries; its payload is its own.</param>
/// <param name="Keeps">Of rebases: whether the entries behind stayed.</param>
internal readonly record struct DecodedRecord(RecordKind Kind, ulong Index = 0, Ballot Ballot = default, Entry? Entry = null, bool Keeps = false);
