using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;
using RaftProtocol = Quorate.Consensus.Raft;

namespace Quorate.Simulation;

/// <summary>
/// Stands outside the nodes, sees every record they write, every frame they send and everything they answer, and holds it
/// against the rules R1–R16 (docs/reliability.md) after every step.
/// </summary>
internal sealed partial class Judge
{
    private readonly World _world;
    private readonly NodeRecord[] _nodes;
    private readonly CanonicalLog _canonical = new();
    private readonly Dictionary<(ulong Index, Ballot Ballot), ulong> _chains = [];
    private readonly Dictionary<ulong, (Ballot Ballot, uint Boot)> _leaders = [];
    private readonly Dictionary<ulong, UInt128> _stateHashes = [];
    private Configuration? _configuration;

    public Judge(World world)
    {
        _world = world;
        _nodes = new NodeRecord[world.Knobs.Nodes];
        for (int i = 0; i < _nodes.Length; i++)
        {
            _nodes[i] = new NodeRecord(_canonical);
        }

        Model = new ModelStore(world.StateOptions.Sessions);
    }

    /// <summary>What the keyspace must be.</summary>
    public ModelStore Model { get; }

    /// <summary>Everything up to here was called decided by somebody.</summary>
    public ulong Decided => _canonical.Last;

    /// <summary>The highest round of a leader so far.</summary>
    public ulong HighestRound { get; private set; }

    public NodeRecord this[SimulatedNode node] => _nodes[node.Index];

    /// <summary>A batch goes to a node's disk. Every change of its log is in one of these.</summary>
    public void OnWritten(SimulatedNode node, LogBatch batch)
    {
        NodeRecord record = this[node];
        var changes = new List<ShadowChange>(batch.Records.Count);
        foreach (ReadOnlyMemory<byte> bytes in batch.Records)
        {
            bool isKnown = RecordCodec.TryDecode(bytes.Span, out DecodedRecord decoded);
            ViolationException.Require(isKnown, "record", $"{node.Name} writes a record that cannot be read");
            ShadowEntry entry = decoded.Entry is null ? default : record.Written.Next(decoded.Entry);
            var change = new ShadowChange(decoded.Kind, decoded.Index, entry, decoded.Keeps);
            switch (decoded.Kind)
            {
                case RecordKind.Entry:
                    CheckEntry(node, record, entry);
                    break;
                case RecordKind.Truncate:
                    CheckCut(node, record, decoded.Index);
                    break;
                case RecordKind.Rebase:
                    CheckRebase(node, record, decoded);
                    break;
            }

            changes.Add(change);
            record.Written.Apply(change);
        }

        Ballots ballots = ReadBallots(batch.Caption.Span);
        CheckBallots(node, record.Written.Ballots, ballots);
        ViolationException.Require(
            record.Written.BallotAt(record.Written.Last).Round <= ballots.Round, "R6",
            $"{node.Name} holds an entry of {record.Written.BallotAt(record.Written.Last)}, but has promised no more than {ballots}");
        record.Written.SetBallots(ballots);
        record.Pending.Enqueue(new ShadowBatch(changes, ballots, batch.LastPosition));
    }

    /// <summary>The oldest batches of a node are on its disk.</summary>
    public void OnDurable(SimulatedNode node, int batches, long position)
    {
        NodeRecord record = this[node];
        for (int i = 0; i < batches; i++)
        {
            ShadowBatch batch = record.Pending.Dequeue();
            record.Durable.Apply(batch);
            foreach (ShadowChange change in batch.Changes)
            {
                if (change.Kind == RecordKind.Entry)
                {
                    record.EverDurable.Add(change.Entry.Chain);
                }
                else if (change.Kind == RecordKind.Rebase)
                {
                    record.EverDurable.Add(_canonical.ChainAt(change.Index));
                }
            }

            ViolationException.Require(batch.LastPosition <= position, "disk", $"{node.Name} calls {position} durable, but wrote {batch.LastPosition} before");
        }
    }

    /// <summary>Brings what is decided up to date; called before anything of a node is judged by it.</summary>
    public void Observe(SimulatedNode node)
    {
        if (node.IsFlushing)
        {
            ObserveDecided(node, this[node]);
        }
    }

    private void ObserveDecided(SimulatedNode node, NodeRecord record)
    {
        ulong decided = node.Replica!.Log.Decided;
        ViolationException.Require(decided >= record.Decided, "R7", $"{node.Name} knew {record.Decided} decided, now {decided}");
        if (decided > record.Decided)
        {
            OnDecided(node, record, decided);
        }
    }

    public void AfterTurn(SimulatedNode node)
    {
        NodeRecord record = this[node];
        ObserveDecided(node, record);
        if (node.Replica!.Protocol is not { } protocol)
        {
            return;
        }

        foreach (Ballot ballot in record.NewLeaderships)
        {
            CheckLeadership(node, record, ballot);
        }

        record.NewLeaderships.Clear();
        record.Claimed = node.Replica.IsMended ? null : record.Claimed;
        ProtocolStatus status = protocol.Status;
        record.Leads = status.Role == Role.Leader ? status.Ballot : Ballot.Zero;
        if (status.Role == Role.Leader)
        {
            CheckMatches(node, record, (RaftProtocol)protocol);
        }
    }

    /// <summary>R15, from time to time: any quorum that could elect a leader holds everything decided.</summary>
    public void CheckQuorumLog()
    {
        if (_canonical.Last > 0)
        {
            int holders = Holders(_canonical.Last, _canonical.ChainAt(_canonical.Last));
            int quorum = (_nodes.Length / 2) + 1;
            ViolationException.Require(
                holders > _nodes.Length - quorum, "R15", $"only {holders} of {_nodes.Length} disks hold the decided log up to {_canonical.Last}");
        }
    }

    public void OnConfigured(SimulatedNode node, NodeIdentity identity, Configuration configuration)
    {
        _configuration ??= configuration;
        ViolationException.Require(
            configuration.Number == _configuration.Number && configuration.Members.Count == _configuration.Members.Count,
            "founding", $"{node.Name} founded another cluster");
        for (int i = 0; i < configuration.Members.Count; i++)
        {
            ViolationException.Require(configuration.Members[i] == _configuration.Members[i], "founding", $"{node.Name} knows {configuration.Members[i]}, others {_configuration.Members[i]}");
        }

        ViolationException.Require(identity.ClusterId != 0 && configuration.Find(node.Id) is not null, "founding", $"{node.Name} is no member of its own cluster");
    }

    /// <summary>New state is published: one hash per applied index, over all nodes and all lives.</summary>
    public void OnPublished(SimulatedNode node, StateVersion state)
    {
        NodeRecord record = this[node];
        ViolationException.Require(state.AppliedIndex >= record.Applied, "R5", $"{node.Name} went back from applied {record.Applied} to {state.AppliedIndex}");
        ViolationException.Require(state.AppliedIndex <= _canonical.Last, "R7", $"{node.Name} applied {state.AppliedIndex}, decided is {_canonical.Last}");
        record.Applied = state.AppliedIndex;
        CheckState(node, state);
    }

    private void CheckState(SimulatedNode node, StateVersion state)
    {
        ViolationException.Require(
            _stateHashes.TryAdd(state.AppliedIndex, state.StateHash) || _stateHashes[state.AppliedIndex] == state.StateHash,
            "R5", $"{node.Name} has another state at index {state.AppliedIndex} than others had");
        ModelMoment expected = Model.MomentAt(state.AppliedIndex);
        var actual = new ModelMoment(state.Revision, state.CompactRevision, state.LeaseTimeMs, state.KeyCount);
        ViolationException.Require(actual == expected, "state", $"{node.Name} at index {state.AppliedIndex} has {actual}, expected is {expected}");
    }

    private void OnDecided(SimulatedNode node, NodeRecord record, ulong decided)
    {
        ViolationException.Require(decided <= record.Written.Last, "R7", $"{node.Name} calls {decided} decided, its log ends at {record.Written.Last}");
        bool isFirst = decided > _canonical.Last;
        for (ulong index = record.Decided + 1; index <= decided; index++)
        {
            ShadowEntry entry = record.Written.At(index);
            if (index <= _canonical.Last)
            {
                ViolationException.Require(
                    entry.Chain == _canonical.ChainAt(index), "R5",
                    $"{node.Name} calls {entry.Entry.Ballot} decided at {index}, others {_canonical.At(index).Entry.Ballot} or another prefix");
                continue;
            }

            int holders = Holders(index, entry.Chain);
            ViolationException.Require(
                holders > _nodes.Length / 2, "R7", $"{node.Name} calls {index} decided, but only {holders} of {_nodes.Length} disks hold it");
            _canonical.Add(entry, HighestRound);
            Model.Apply(entry.Entry, _world.NowUs);
        }

        Ballot leads = node.Replica!.Protocol!.Status is { Role: Role.Leader } status ? status.Ballot : Ballot.Zero;
        if (isFirst && leads != Ballot.Zero && leads == record.Leads)
        {
            // A leader may still be handed what others decided before; what it is the first to decide it has counted.
            ViolationException.Require(
                record.Written.BallotAt(decided) == leads, "R8", $"{node.Name} leads {leads} and decided {decided} of {record.Written.BallotAt(decided)} by counting");
        }

        record.Decided = decided;
    }

    private int Holders(ulong index, ulong chain)
    {
        int holders = 0;
        foreach (NodeRecord record in _nodes)
        {
            holders += record.AnswersFor(index, chain) ? 1 : 0;
        }

        return holders;
    }
}
