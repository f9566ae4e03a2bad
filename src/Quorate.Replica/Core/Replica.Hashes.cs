using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>
/// Silent divergence is found out (DESIGN §4): from time to time the leader puts a request into the log, every replica tells the
/// others the hash of its state at that place, and whoever differs from the majority of voters stops serving.
/// </content>
public sealed partial class Replica
{
    /// <summary>The first byte of commands that concern the replica itself and no state machine.</summary>
    internal const byte OwnMachine = 0;

    private const int MaxHashesKept = 8;

    private readonly SortedDictionary<ulong, SortedDictionary<NodeId, UInt128>> _hashes = [];
    private Instant _hashAskedAt;
    private ulong _hashedIndex;
    private bool _hashDue;

    /// <summary>Why this node does not serve; <see langword="null"/> while it does.</summary>
    public string? Distrust { get; private set; }

    private void AskForHashes()
    {
        bool isDue = Leads && _now - _hashAskedAt >= _options.HashInterval && _machine.AppliedIndex > _hashedIndex;
        if (isDue && _configuration!.VoterCount > 1)
        {
            _hashAskedAt = _now;
            AddToBatch(RequestId.None, [OwnMachine]);
        }
    }

    /// <summary>The request was applied: tells the others.</summary>
    private void TellHash(ulong index)
    {
        _hashedIndex = index;
        UInt128 hash = _machine.ComputeHash();
        _frame.Clear();
        _frame.Byte((byte)FrameKind.StateHash);
        _frame.Varint(index);
        _frame.UInt64((ulong)(hash >> 64));
        _frame.UInt64((ulong)hash);
        foreach (Member member in _configuration!.Members)
        {
            if (member.Id != _identity.Node)
            {
                _host.Send(member.Id, _frame.Written);
            }
        }

        NoteHash(_identity.Node, index, hash);
    }

    private bool ReceiveStateHash(NodeId from, ref ByteReader reader)
    {
        ulong index = reader.Varint();
        ulong high = reader.UInt64();
        ulong low = reader.UInt64();
        if (reader.IsComplete)
        {
            NoteHash(from, index, new UInt128(high, low));
        }

        return reader.IsComplete;
    }

    private void NoteHash(NodeId node, ulong index, UInt128 hash)
    {
        if (!_hashes.TryGetValue(index, out SortedDictionary<NodeId, UInt128>? reports))
        {
            reports = [];
            _hashes.Add(index, reports);
            while (_hashes.Count > MaxHashesKept)
            {
                _hashes.Remove(FirstKey(_hashes));
            }
        }

        reports[node] = hash;
        Judge(index, reports);
    }

    private void Judge(ulong index, SortedDictionary<NodeId, UInt128> reports)
    {
        if (!reports.TryGetValue(_identity.Node, out UInt128 own) || Distrust is not null)
        {
            return;
        }

        foreach (UInt128 candidate in reports.Values)
        {
            if (candidate != own && VotersWith(candidate, reports) >= _configuration!.Quorum)
            {
                DistrustSelf($"At entry {index} the state of this node differs from that of the majority. Replace the node: quorate member replace {_identity.Name} --with NEW --peer HOST:PORT");
                return;
            }
        }

        bool allTold = reports.Count >= _configuration!.VoterCount;
        if (allTold && VotersWith(own, reports) < _configuration.Quorum)
        {
            DistrustSelf($"At entry {index} no majority of the nodes agrees on the state: writes stop. Compare the nodes and restore from the one that is right.");
        }
    }

    private int VotersWith(UInt128 hash, SortedDictionary<NodeId, UInt128> reports)
    {
        int count = 0;
        foreach (Member member in _configuration!.Members)
        {
            bool agrees = member.Role == MemberRole.Voter && reports.TryGetValue(member.Id, out UInt128 told) && told == hash;
            count += agrees ? 1 : 0;
        }

        return count;
    }

    private void DistrustSelf(string reason)
    {
        Distrust = reason;
        _handOverAt = _now;
        _host.Report(new ReplicaEvent.Diverged(reason));
    }

    private static ulong FirstKey(SortedDictionary<ulong, SortedDictionary<NodeId, UInt128>> hashes)
    {
        foreach (ulong key in hashes.Keys)
        {
            return key;
        }

        return 0;
    }
}
