using Quorate.Codec;
using Quorate.Consensus;
using Quorate.Replica;
using RaftProtocol = Quorate.Consensus.Raft;

namespace Quorate.Simulation;

/// <content>Elections, logs, and what recovery brings back.</content>
internal sealed partial class Judge
{
    public void OnLeads(SimulatedNode node, Ballot ballot)
    {
        uint boot = node.Replica?.Identity.Boot ?? this[node].Boot;
        bool isFirst = _leaders.TryAdd(ballot.Round, (ballot, boot));
        ViolationException.Require(
            isFirst || _leaders[ballot.Round] == (ballot, boot), "R1", $"{node.Name} leads {ballot}, which another incarnation led");
        if (isFirst)
        {
            _world.Tally.See("leader elected");
            this[node].NewLeaderships.Add(ballot);
            HighestRound = Math.Max(HighestRound, ballot.Round);
        }
    }

    /// <summary>A node came back: its log is what was durable and a part, in order, of what was written after that.</summary>
    public void OnRecovered(SimulatedNode node, RecoveredReplica recovered)
    {
        NodeRecord record = this[node];
        ViolationException.Require(recovered.Identity.Boot > record.Boot, "recovery", $"{node.Name} boots {recovered.Identity.Boot} after {record.Boot}");
        ShadowLog found = ReadBack(node, recovered);
        ulong snapshot = recovered.SnapshotIndex;
        int lost = record.Pending.Count;
        ShadowLog expected = OnSnapshot(record.Durable, snapshot);
        while (!IsWhatWasThere(found, expected, record, recovered) && record.Pending.TryDequeue(out ShadowBatch? kept))
        {
            record.Durable.Apply(kept);
            expected = OnSnapshot(record.Durable, snapshot);
        }

        ViolationException.Require(
            IsWhatWasThere(found, expected, record, recovered), "recovery",
            $"{node.Name} comes back with a log up to {found.Last} and {found.Ballots} (snapshot {snapshot}), which is not what was durable with some of the {lost} batches behind it; at last {expected.Last} and {expected.Ballots}");
        OnHole(node, record, expected, recovered);
        record.Durable.Become(found);
        NoteRecovery(record, lost);
        for (ulong index = 1; index <= found.Last; index++)
        {
            record.EverDurable.Add(found.ChainAt(index));
        }

        record.Written.Become(found);
        record.Pending.Clear();
        record.Boot = recovered.Identity.Boot;
        record.Decided = 0;
        record.Applied = 0;
        record.Leads = Ballot.Zero;
        record.NewLeaderships.Clear();
        record.Matches.Clear();
    }

    // A node whose disk has lost something comes back with what is sure of its log, and with the end of what it answers for.
    private static bool IsWhatWasThere(ShadowLog found, ShadowLog expected, NodeRecord record, RecoveredReplica recovered)
    {
        if (recovered.Log.Claim is not { } claim)
        {
            return IsSame(found, expected);
        }

        bool isSure = found.Last == recovered.SnapshotIndex || IsSame(found, expected);
        bool isClaim = claim == expected.End || claim == record.Durable.End || (record.Claimed is { } claimed && claim == claimed.End);
        return isSure && isClaim && found.Ballots == expected.Ballots;
    }

    private void OnHole(SimulatedNode node, NodeRecord record, ShadowLog expected, RecoveredReplica recovered)
    {
        if (recovered.Log.Claim is not { } claim)
        {
            record.Claimed = null;
            return;
        }

        ViolationException.Require(node.IsWounded, "recovery", $"{node.Name} finds a hole in a log that its disk has kept");
        if (record.Claimed is null || claim != record.Claimed.End)
        {
            record.Claimed = new ShadowLog(_canonical);
            record.Claimed.Become(claim == expected.End ? expected : record.Durable);
        }

        foreach (Entry entry in recovered.Repair!.Aside)
        {
            ViolationException.Require(
                record.Claimed.Next(entry, entry.Index - 1).Chain == record.Claimed.ChainAt(entry.Index), "recovery",
                $"{node.Name} keeps ({entry.Index}, {entry.Ballot}) aside, which is not what it had there");
        }
    }

    private ShadowLog ReadBack(SimulatedNode node, RecoveredReplica recovered)
    {
        var found = new ShadowLog(_canonical);
        ViolationException.Require(
            recovered.SnapshotIndex <= _canonical.Last, "R12", $"{node.Name} has a snapshot of {recovered.SnapshotIndex}, decided is {_canonical.Last}");
        found.RebaseOn(recovered.SnapshotIndex);
        ViolationException.Require(
            found.BallotAt(recovered.SnapshotIndex) == recovered.AppliedBallot, "R12", $"{node.Name} has a snapshot of another log up to {recovered.SnapshotIndex}");
        CheckState(node, recovered.Machine.Current);
        for (ulong index = recovered.SnapshotIndex + 1; index <= recovered.Log.Last; index++)
        {
            Entry entry = recovered.Log.At(index);
            found.Apply(new ShadowChange(RecordKind.Entry, index, found.Next(entry)));
        }

        found.SetBallots(recovered.Ballots);
        return found;
    }

    // What a log becomes under a snapshot: the same if it holds what the snapshot ends with, else the snapshot alone.
    private ShadowLog OnSnapshot(ShadowLog log, ulong index)
    {
        var result = new ShadowLog(_canonical);
        result.Become(log);
        if (!log.Holds(index, _canonical.ChainAt(index)))
        {
            result.RebaseOn(index);
        }

        ulong round = result.BallotAt(index).Round;
        if (round > log.Ballots.Round)
        {
            result.SetBallots(log.Ballots with { Round = round, VotedFor = NodeId.None });
        }

        return result;
    }

    // R12: a snapshot stands on the log that everybody agrees on, and takes nothing decided back.
    private void CheckRebase(SimulatedNode node, NodeRecord record, DecodedRecord rebase)
    {
        ViolationException.Require(
            rebase.Index <= _canonical.Last && _canonical.At(rebase.Index).Entry.Ballot == rebase.Ballot, "R12",
            $"{node.Name} installs a snapshot of ({rebase.Index}, {rebase.Ballot}), which was never decided");
        ViolationException.Require(rebase.Index >= record.Decided, "R12", $"{node.Name} installs {rebase.Index} over {record.Decided}");
        bool holds = record.Written.Holds(rebase.Index, _canonical.ChainAt(rebase.Index));
        ViolationException.Require(holds == rebase.Keeps, "R12", $"{node.Name} installs {rebase.Index} and keeps what is behind: {rebase.Keeps}, though it holds it: {holds}");
    }

    private static bool IsSame(ShadowLog left, ShadowLog right) =>
        left.Last == right.Last && left.ChainAt(left.Last) == right.ChainAt(right.Last) && left.Ballots == right.Ballots;

    private static Ballots ReadBallots(ReadOnlySpan<byte> caption)
    {
        // The whole caption has texts in it that nobody needs here; see Caption for its layout.
        var reader = new ByteReader(caption);
        reader.Byte();
        reader.UInt64();
        reader.UInt64();
        reader.Varint();
        reader.Bytes();
        ulong round = reader.Varint();
        var votedFor = new NodeId(reader.UInt64());
        return new Ballots(round, votedFor, RecordCodec.ReadBallot(ref reader));
    }

    private static void CheckBallots(SimulatedNode node, Ballots before, Ballots after)
    {
        ViolationException.Require(after.Round >= before.Round, "R6", $"{node.Name} goes back from {before} to {after}");
        ViolationException.Require(
            after.Round > before.Round || before.VotedFor.IsNone || after.VotedFor == before.VotedFor, "R6", $"{node.Name} votes twice: {before}, {after}");
    }

    private void NoteRecovery(NodeRecord record, int lost)
    {
        if (lost > record.Pending.Count)
        {
            _world.Tally.See("unflushed batch survived a crash");
        }

        if (record.Pending.Count > 0)
        {
            _world.Tally.See("unflushed batch lost in a crash");
        }
    }

    // R3: (index, ballot) names one payload and one prefix for ever; a ballot's entries are first written by its leader.
    private void CheckEntry(SimulatedNode node, NodeRecord record, ShadowEntry entry)
    {
        Ballot before = record.Written.BallotAt(record.Written.Last);
        ViolationException.Require(entry.Entry.Ballot.Round >= before.Round, "R7", $"{node.Name} writes {entry.Entry.Ballot} behind {before}");
        bool isNew = _chains.TryAdd((entry.Entry.Index, entry.Entry.Ballot), entry.Chain);
        if (isNew)
        {
            ViolationException.Require(entry.Entry.Ballot.Node == node.Id, "R3", $"{node.Name} has an entry {entry.Entry.Ballot} that its leader never had");
            return;
        }

        ViolationException.Require(
            _chains[(entry.Entry.Index, entry.Entry.Ballot)] == entry.Chain, "R3",
            $"{node.Name} has another entry or prefix at {entry.Entry.Index} under {entry.Entry.Ballot} than others");
    }

    // R2 and R11.
    private void CheckCut(SimulatedNode node, NodeRecord record, ulong index)
    {
        _world.Tally.See("log cut at a conflict");
        ViolationException.Require(index > record.Decided, "R11", $"{node.Name} cuts at {index}, though it knew {record.Decided} decided");
        bool leads = record.Leads != Ballot.Zero && node.Replica!.Protocol!.Status is { Role: Role.Leader } status && status.Ballot == record.Leads;
        ViolationException.Require(!leads, "R2", $"{node.Name} leads and cuts its own log at {index}");
        ViolationException.Require(
            record.Written.BallotAt(index).Round < node.Replica!.Protocol!.Status.Ballots.Round,
            "R11", $"{node.Name} cuts an entry of its own round at {index}");
    }

    // R4: a leader holds everything that was decided before its round.
    private void CheckLeadership(SimulatedNode node, NodeRecord record, Ballot ballot)
    {
        ulong last = _canonical.LastDecidedBefore(ballot.Round);
        ViolationException.Require(
            record.Written.Holds(last, _canonical.ChainAt(last)), "R4", $"{node.Name} leads {ballot} without the decided log up to {last}");
    }

    // R9: what a leader counts of a follower is on that follower's disk.
    private void CheckMatches(SimulatedNode node, NodeRecord record, RaftProtocol raft)
    {
        foreach (Peer peer in raft.Peers)
        {
            record.Matches.TryGetValue(peer.Id, out ulong before);
            if (peer.Match == before)
            {
                continue;
            }

            record.Matches[peer.Id] = peer.Match;
            NodeRecord other = this[_world.Find(peer.Id)];
            if (other.Durable.Ballots.Round <= record.Leads.Round)
            {
                ViolationException.Require(
                    other.AnswersFor(peer.Match, record.Written.ChainAt(peer.Match)), "R9",
                    $"{node.Name} counts {peer.Match} of n{_world.Find(peer.Id).Index + 1}, whose disk does not hold it");
            }
        }
    }
}
