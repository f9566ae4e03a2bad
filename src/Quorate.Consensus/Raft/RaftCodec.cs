using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>Reads the messages of <see cref="Raft"/>; their format is described at each of them.</summary>
public static class RaftCodec
{
    /// <summary>
    /// Reads one message that fills <paramref name="bytes"/>. Payloads of entries are slices of it, so it must never change
    /// afterwards; nothing is allocated for what it only announces.
    /// </summary>
    /// <exception cref="MalformedMessageException">It is no message of Raft.</exception>
    public static ProtocolMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        ByteReader reader = new(bytes.Span);
        MessageKind kind = (MessageKind)reader.Byte();
        uint configuration = reader.UInt32();
        ulong round = reader.UInt64();
        RaftMessage message = kind switch
        {
            MessageKind.VoteRequest => new VoteRequest(configuration, round, ReadVoteKind(ref reader), reader.UInt64(), BallotCodec.Read(ref reader)),
            MessageKind.VoteReply => new VoteReply(configuration, round, reader.Bool(), reader.Bool()),
            MessageKind.Append => ReadAppend(configuration, round, ref reader, bytes),
            MessageKind.AppendAck => new AppendAck(configuration, round, reader.UInt64()),
            MessageKind.AppendNack => new AppendNack(configuration, round, reader.UInt64(), reader.UInt64(), BallotCodec.Read(ref reader)),
            MessageKind.Heartbeat => new Heartbeat(configuration, round, reader.UInt64(), reader.UInt64()),
            MessageKind.HeartbeatAck => new HeartbeatAck(configuration, round, reader.UInt64()),
            MessageKind.Behind => new Behind(configuration, round, reader.UInt64(), reader.UInt64()),
            MessageKind.TimeoutNow => new TimeoutNow(configuration, round),
            MessageKind.HigherRound => new HigherRound(configuration, round),
            _ => throw new MalformedMessageException($"no message begins with {(byte)kind}"),
        };
        return reader.IsComplete ? message : throw new MalformedMessageException("a message is cut short, or something follows it");
    }

    private static VoteKind ReadVoteKind(ref ByteReader reader)
    {
        byte kind = reader.Byte();
        return kind is >= (byte)VoteKind.Pre and <= (byte)VoteKind.Transfer
            ? (VoteKind)kind
            : throw new MalformedMessageException($"no vote is of kind {kind}");
    }

    private static Append ReadAppend(uint configuration, ulong round, ref ByteReader reader, ReadOnlyMemory<byte> bytes)
    {
        ulong previousIndex = reader.UInt64();
        Ballot previousBallot = BallotCodec.Read(ref reader);
        ulong decided = reader.UInt64();
        uint count = reader.UInt32();
        if (count > reader.Remaining / Append.MinEntryBytes || previousIndex > ulong.MaxValue - count)
        {
            throw new MalformedMessageException($"{count} entries are announced, {reader.Remaining} bytes are left");
        }

        Entry[] entries = count == 0 ? [] : new Entry[count];
        Ballot ballot = previousBallot;
        for (int i = 0; i < entries.Length; i++)
        {
            byte kind = reader.Byte();
            ballot = (kind & Append.BallotFollows) != 0 ? ReadLaterBallot(ballot, ref reader) : ballot;
            kind &= Append.BallotFollows - 1;
            if (kind is < (byte)EntryKind.Command or > (byte)EntryKind.StopSign)
            {
                throw new MalformedMessageException($"no entry is of kind {kind}");
            }

            int length = reader.Raw(reader.UInt32()).Length;
            ReadOnlyMemory<byte> payload = bytes.Slice(reader.Offset - length, length);
            entries[i] = new Entry(previousIndex + (ulong)i + 1, ballot, (EntryKind)kind, payload);
        }

        return ballot.Configuration > configuration || ballot.Round > round
            ? throw new MalformedMessageException("an entry is newer than the leader that sends it")
            : new Append(configuration, round, previousIndex, previousBallot, decided, entries);
    }

    // Rounds never fall along a log, and a round has one leader (R7, "MonoLogInv" of the specifications).
    private static Ballot ReadLaterBallot(Ballot before, ref ByteReader reader)
    {
        Ballot ballot = BallotCodec.Read(ref reader);
        return ballot.Configuration >= before.Configuration && ballot.Round > before.Round
            ? ballot
            : throw new MalformedMessageException("ballots fall along the log");
    }
}
