using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>Opens a data directory: formats a blank one, brings back what another incarnation left.</summary>
public static class ReplicaRecovery
{
    private const string Remedy = "Replace it with an empty --data-dir (quorate member replace), the others still have its data.";

    /// <summary>
    /// Recovers a node. When this returns, a new boot number is durable, and so is everything that was read back
    /// (DESIGN §3, rule 5). A node whose disk has lost a part of its log or its snapshot comes back with that to be fetched from
    /// its peers, if it still knows its votes and has peers.
    /// </summary>
    /// <param name="disk">The data directory; the caller holds its lock.</param>
    /// <param name="name">The node's name; must be the one on the disk.</param>
    /// <param name="freshId">The identity to give a blank disk: random.</param>
    /// <param name="logOptions">Knobs of the log of records.</param>
    /// <param name="stateOptions">Knobs of the state machine.</param>
    /// <param name="progress">Told bytes read and bytes in all, or <see langword="null"/>.</param>
    /// <exception cref="CorruptionException">What is on the disk cannot be trusted; the message names the remedy. Nothing was changed.</exception>
    /// <exception cref="FormatException">The disk belongs to another node or was written by a build this one cannot read. Nothing was changed.</exception>
    public static RecoveredReplica Recover(
        IDisk disk,
        string name,
        NodeId freshId,
        RecordLogOptions logOptions,
        StateOptions stateOptions,
        Action<long, long>? progress = null)
    {
        SnapshotFiles.CleanUp(disk);
        SnapshotOnDisk? snapshot = SnapshotOnDisk.LoadNewest(disk, stateOptions, out string? unreadable);
        GroupLog log = snapshot is null ? new GroupLog() : new GroupLog(snapshot.Caption.Index, snapshot.Caption.Ballot);
        Caption? last = null;
        LogRepair? repair = null;
        LogReplay replay = null!;
        replay = new LogReplay(log, progress, lacksSnapshot: unreadable is not null)
        {
            AllRead = (caption, unspoken) =>
            {
                last = caption.IsEmpty ? null : Caption.Decode(caption.Span);
                RequireKnown(last, unspoken, name, hasSnapshot: snapshot is not null || unreadable is not null);
                repair = last is null ? null : Resolve(replay, last, unreadable);
            },
        };
        RecoveredLog recovered = RecordLog.Recover(disk, logOptions, replay);
        NodeIdentity identity = last is null
            ? new NodeIdentity(0, freshId, name, 1)
            : last.Identity with { Boot = last.Identity.Boot + 1 };
        if (last is not null && Math.Min(last.Decided, log.Last) > log.Decided)
        {
            log.DecideTo(Math.Min(last.Decided, log.Last));
        }

        log.Claim = repair?.Claim;
        Ballots ballots = WithRoundOf(snapshot, last?.Ballots ?? default);
        var boot = new Caption(identity, ballots, log.Decided, log.End.Index, log.End.Ballot, last?.Configuration);
        repair = WriteBoot(recovered.Log, boot, FirstRecord(replay, repair, last, snapshot), repair);
        SnapshotFiles.DeleteBehind(disk, snapshot?.Caption.Index ?? 0);
        return new RecoveredReplica(identity, disk, recovered.Log, log)
        {
            Machine = snapshot?.Machine ?? new StateMachine(new OrderedMap(), stateOptions),
            StateOptions = stateOptions,
            Configuration = last?.Configuration,
            Ballots = ballots,
            AppliedBallot = snapshot?.Caption.Ballot ?? Ballot.Zero,
            SnapshotIndex = snapshot?.Caption.Index ?? 0,
            SnapshotBytes = snapshot?.FileBytes ?? 0,
            LoggedBytes = log.BytesInMemory,
            Repair = repair,
            Damage = Describe(replay.Damage, unreadable),
        };
    }

    /// <summary>Without the header that was written last the node does not know its votes, and never votes again (DESIGN §5).</summary>
    private static void RequireKnown(Caption? last, LogDamage? unspoken, string name, bool hasSnapshot)
    {
        if (unspoken is not null)
        {
            throw new CorruptionException(
                $"The log is corrupt, and no header that speaks of records {unspoken.First} to {unspoken.Last} is left: {unspoken.Reason}. "
                + $"This node no longer knows its votes, so it must not vote again. Nothing was changed. {Remedy}");
        }

        if (last is not null && last.Identity.Name != name)
        {
            throw new FormatException($"This data directory belongs to node {last.Identity.Name}, not {name}: give --name {last.Identity.Name}, or another --data-dir.");
        }

        if (last?.Configuration is { } configuration && FeatureLevel.Objection(configuration.FeatureLevel) is { } objection)
        {
            throw new FormatException(objection);
        }

        if (last is null && hasSnapshot)
        {
            throw new CorruptionException($"There is a snapshot but not the log it belongs to: this node no longer knows its votes. {Remedy}");
        }
    }

    private static LogRepair? Resolve(LogReplay replay, Caption last, string? unreadable)
    {
        LogRepair? repair = replay.Resolve(new LogEnd(last.LastIndex, last.LastBallot), last.Decided);
        if (repair is null)
        {
            RequireWhole(last, replay.Log);
        }
        else if (last.Configuration is null || last.Configuration.Members.Count == 1)
        {
            throw new CorruptionException(
                $"{Describe(replay.Damage, unreadable)} There is no other node to fetch it from. Nothing was changed. "
                + "Restore the data directory from a copy, or begin anew with an empty --data-dir.");
        }

        return repair;
    }

    private static string? Describe(LogDamage? damage, string? unreadable)
    {
        string? log = damage is null ? null : $"The log is corrupt at records {damage.First} to {damage.Last}: {damage.Reason}.";
        return unreadable is null ? log : $"The snapshot is corrupt: {unreadable} {log}".TrimEnd();
    }

    /// <summary>
    /// The log must end where its newest caption says; only a snapshot that was received right before the crash, and is newer
    /// than that caption, may have replaced its end.
    /// </summary>
    private static void RequireWhole(Caption last, GroupLog log)
    {
        bool isWhole = log.Last == last.LastIndex && log.LastBallot == last.LastBallot;
        bool isReplaced = log.Decided > last.Decided && log.Last == log.Decided;
        if (!isWhole && !isReplaced)
        {
            throw new CorruptionException($"The log ends at {log.Last} ({log.LastBallot}), but its newest header says {last.LastIndex} ({last.LastBallot}).");
        }
    }

    /// <summary>
    /// What the log must say before anything is appended to it. Where a snapshot replaced its end just before the crash, what is appended
    /// behind the snapshot would be taken for a continuation of the end that is gone; where a hole was found, for one of what was lost.
    /// </summary>
    private static byte[]? FirstRecord(LogReplay replay, LogRepair? repair, Caption? last, SnapshotOnDisk? snapshot)
    {
        var scratch = new ByteWriter();
        GroupLog log = replay.Log;
        ulong index = snapshot?.Caption.Index ?? 0;
        Ballot ballot = snapshot?.Caption.Ballot ?? Ballot.Zero;
        if (repair is { Position: 0 })
        {
            return RecordCodec.EncodeRepair(index, ballot, scratch);
        }

        bool isReplaced = repair is null
            ? last is not null && (log.Last != last.LastIndex || log.LastBallot != last.LastBallot)
            : replay.IsReplaced;
        return isReplaced ? RecordCodec.EncodeRebase(index, ballot, keeps: false, scratch) : null;
    }

    private static LogRepair? WriteBoot(RecordLog records, Caption caption, byte[]? first, LogRepair? repair)
    {
        var scratch = new ByteWriter();
        byte[] boot = RecordCodec.Encode(RecordKind.Boot, scratch);
        long position = records.LastPosition + 1;
        records.Write(caption.Encode(scratch), first is null ? [boot] : [first, boot]);
        records.Flush();
        return repair is { Position: 0 } ? new LogRepair(repair.Claim, repair.Aside, position) : repair;
    }

    /// <summary>No round may lie below that of an entry the node holds; a raised round is a round without a vote.</summary>
    private static Ballots WithRoundOf(SnapshotOnDisk? snapshot, Ballots ballots)
    {
        bool isBehind = snapshot is not null && snapshot.Caption.Ballot.Round > ballots.Round;
        return isBehind ? ballots with { Round = snapshot!.Caption.Ballot.Round, VotedFor = NodeId.None } : ballots;
    }
}
