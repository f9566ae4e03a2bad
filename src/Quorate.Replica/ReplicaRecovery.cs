using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>Opens a data directory: formats a blank one, brings back what another incarnation left.</summary>
public static class ReplicaRecovery
{
    /// <summary>
    /// Recovers a node. When this returns, a new boot number is durable, and so is everything that was read back
    /// (DESIGN §3, rule 5).
    /// </summary>
    /// <param name="disk">The data directory; the caller holds its lock.</param>
    /// <param name="name">The node's name; must be the one on the disk.</param>
    /// <param name="freshId">The identity to give a blank disk: random.</param>
    /// <param name="logOptions">Knobs of the log of records.</param>
    /// <param name="stateOptions">Knobs of the state machine.</param>
    /// <param name="progress">Told bytes read and bytes in all, or <see langword="null"/>.</param>
    /// <exception cref="CorruptionException">What is on the disk cannot be trusted; the message names the remedy.</exception>
    /// <exception cref="FormatException">The disk belongs to another node or was written by a build this one cannot read.</exception>
    public static RecoveredReplica Recover(
        IDisk disk,
        string name,
        NodeId freshId,
        RecordLogOptions logOptions,
        StateOptions stateOptions,
        Action<long, long>? progress = null)
    {
        var scratch = new ByteWriter();
        SnapshotFiles.CleanUp(disk);
        SnapshotOnDisk? snapshot = LoadNewestSnapshot(disk, stateOptions);
        GroupLog log = snapshot is null ? new GroupLog() : new GroupLog(snapshot.Caption.Index, snapshot.Caption.Ballot);
        RecoveredLog recovered = RecordLog.Recover(disk, logOptions, new LogReplay(log, progress));
        if (recovered.Damage is { } damage)
        {
            recovered.Log.Dispose();
            throw new CorruptionException(
                $"The log is corrupt at records {damage.First} to {damage.Last}: {damage.Reason} Nothing was changed. "
                + "Replace this node with a fresh data directory (quorate member replace), the others still have its data.");
        }

        Caption? last = recovered.Caption.IsEmpty ? null : Caption.Decode(recovered.Caption.Span);
        if (last is not null && last.Identity.Name != name)
        {
            recovered.Log.Dispose();
            throw new FormatException($"This data directory belongs to node {last.Identity.Name}, not {name}: give --name {last.Identity.Name}, or another --data-dir.");
        }

        if (last is null && snapshot is not null)
        {
            recovered.Log.Dispose();
            throw new CorruptionException(
                "There is a snapshot but not the log it belongs to: this node no longer knows its votes. "
                + "Replace it with an empty --data-dir (quorate member replace), the others still have its data.");
        }

        NodeIdentity identity = last is null
            ? new NodeIdentity(0, freshId, name, 1)
            : last.Identity with { Boot = last.Identity.Boot + 1 };
        if (last is not null)
        {
            RequireWhole(last, log);
            if (Math.Min(last.Decided, log.Last) > log.Decided)
            {
                log.DecideTo(Math.Min(last.Decided, log.Last));
            }
        }

        Configuration? configuration = last?.Configuration;
        if (configuration is not null && FeatureLevel.Objection(configuration.FeatureLevel) is { } objection)
        {
            recovered.Log.Dispose();
            throw new FormatException(objection);
        }

        Ballots ballots = WithRoundOf(snapshot, last?.Ballots ?? default);
        var caption = new Caption(identity, ballots, log.Decided, log.Last, log.LastBallot, configuration);
        recovered.Log.Write(caption.Encode(scratch), FirstRecords(last, log, snapshot, scratch));
        recovered.Log.Flush();
        return new RecoveredReplica(identity, disk, recovered.Log, log)
        {
            Machine = snapshot?.Machine ?? new StateMachine(new OrderedMap(), stateOptions),
            StateOptions = stateOptions,
            Configuration = configuration,
            Ballots = ballots,
            AppliedBallot = snapshot?.Caption.Ballot ?? Ballot.Zero,
            SnapshotIndex = snapshot?.Caption.Index ?? 0,
            SnapshotBytes = snapshot?.FileBytes ?? 0,
            LoggedBytes = log.BytesInMemory,
        };
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
    /// Where a snapshot replaced the end of the log just before the crash, the log has to say so, or what is appended behind the
    /// snapshot from now on would be taken for a continuation of the end that is gone.
    /// </summary>
    private static ReadOnlyMemory<byte>[] FirstRecords(Caption? last, GroupLog log, SnapshotOnDisk? snapshot, ByteWriter scratch)
    {
        byte[] boot = RecordCodec.Encode(RecordKind.Boot, scratch);
        bool isReplaced = snapshot is not null && last is not null && (log.Last != last.LastIndex || log.LastBallot != last.LastBallot);
        return isReplaced
            ? [RecordCodec.EncodeRebase(snapshot!.Caption.Index, snapshot.Caption.Ballot, keeps: false, scratch), boot]
            : [boot];
    }

    /// <summary>No round may lie below that of an entry the node holds; a raised round is a round without a vote.</summary>
    private static Ballots WithRoundOf(SnapshotOnDisk? snapshot, Ballots ballots)
    {
        bool isBehind = snapshot is not null && snapshot.Caption.Ballot.Round > ballots.Round;
        return isBehind ? ballots with { Round = snapshot!.Caption.Ballot.Round, VotedFor = NodeId.None } : ballots;
    }

    private static SnapshotOnDisk? LoadNewestSnapshot(IDisk disk, StateOptions stateOptions)
    {
        IReadOnlyList<SnapshotFile> files = SnapshotFiles.List(disk);
        if (files.Count == 0)
        {
            return null;
        }

        using SnapshotReader reader = SnapshotReader.Open(disk, files[0].Name);
        SnapshotCaption caption = SnapshotCaption.Decode(reader.Caption.Span);
        return new SnapshotOnDisk(caption, StateMachine.Restore(reader.Load(), stateOptions), reader.Length);
    }

    private sealed record SnapshotOnDisk(SnapshotCaption Caption, StateMachine Machine, long FileBytes);
}
