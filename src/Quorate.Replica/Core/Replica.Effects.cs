using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>What the protocol wants done.</content>
public sealed partial class Replica
{
    private RefusalReason? _refused;

    private sealed class Effects(Replica replica) : IEffects
    {
        public long Append(IReadOnlyList<Entry> entries)
        {
            Invariant.Check(entries.Count > 0, "An append without entries.");
            long position = 0;
            foreach (Entry entry in entries)
            {
                ReadOnlyMemory<byte> record = RecordCodec.Encode(
                    entry, replica._scratch, replica._recordMemory, replica._nextPosition, out Entry stored);
                position = replica.AddRecord(record);
                replica._log.Append(stored, position);
                replica._snapshots.Logged(entry.Payload.Length);
            }

            return position;
        }

        public long TruncateFrom(ulong index)
        {
            replica._log.TruncateFrom(index);
            return replica.AddRecord(RecordCodec.EncodeTruncate(index, replica._scratch));
        }

        public long SaveBallots(Ballots ballots)
        {
            Invariant.Check(ballots.Round >= replica._ballots.Round, "Rounds never fall.");
            replica._ballots = ballots;
            return replica.AddRecord(RecordCodec.Encode(RecordKind.Ballots, replica._scratch));
        }

        public void Send(NodeId to, ProtocolMessage message, long after) => replica.Send(to, message, after);

        public void Decided(ulong upTo) => replica._log.DecideTo(upTo);

        public void Need(ulong from, NodeId hint) => replica.StartPull(hint);

        public void Refused(IReadOnlyList<ReadOnlyMemory<byte>> commands, RefusalReason reason) => replica._refused = reason;

        public void BarrierPassed(ulong id, ulong index) => replica.BarrierAnswered(id, index);

        public void BarrierLost(ulong id) => replica.BarrierAnswered(id, null);

        public void LeaderIs(NodeId node, Ballot ballot) => replica.OnLeader(node, ballot);
    }
}
