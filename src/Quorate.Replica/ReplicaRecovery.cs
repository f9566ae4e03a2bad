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
    /// <param name="createMachine">Makes an empty state machine.</param>
    /// <param name="progress">Told bytes read and bytes in all, or <see langword="null"/>.</param>
    /// <exception cref="CorruptionException">What is on the disk cannot be trusted; the message names the remedy.</exception>
    /// <exception cref="FormatException">The disk belongs to another node or was written by a build this one cannot read.</exception>
    public static RecoveredReplica Recover(
        IDisk disk,
        string name,
        NodeId freshId,
        RecordLogOptions logOptions,
        Func<StateMachine> createMachine,
        Action<long, long>? progress = null)
    {
        var scratch = new WireWriter();
        StateMachine machine = createMachine();
        var log = new GroupLog();
        var visitor = new Visitor(log, progress);
        RecoveredLog recovered = RecordLog.Recover(disk, logOptions, visitor);
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

        NodeIdentity identity = last is null
            ? new NodeIdentity(0, freshId, name, 1)
            : last.Identity with { Boot = last.Identity.Boot + 1 };
        if (last is not null)
        {
            Invariant.Check(log.Last == last.LastIndex && log.LastBallot == last.LastBallot, "The recovered log ends where its newest caption says.");
            if (last.Decided > log.Decided)
            {
                log.DecideTo(last.Decided);
            }
        }

        Ballots ballots = last?.Ballots ?? default;
        var caption = new Caption(identity, ballots, log.Decided, log.Last, log.LastBallot, last?.Configuration);
        recovered.Log.Write(caption.Encode(scratch), [RecordCodec.Encode(RecordKind.Boot, scratch)]);
        recovered.Log.Flush();
        return new RecoveredReplica(identity, recovered.Log, log, machine)
        {
            Configuration = last?.Configuration,
            Ballots = ballots,
            AppliedBallot = Ballot.Zero,
        };
    }

    private sealed class Visitor(GroupLog log, Action<long, long>? progress) : IRecoveryVisitor
    {
        public void OnRecord(long position, ReadOnlySpan<byte> record)
        {
            if (!RecordCodec.TryDecode(record, out RecordKind kind, out ulong index, out Ballot ballot, out Entry? entry))
            {
                throw new FormatException($"Record {position} is of a kind this build does not know.");
            }

            switch (kind)
            {
                case RecordKind.Entry:
                    log.Append(entry!, position);
                    break;
                case RecordKind.Truncate:
                    log.TruncateFrom(index);
                    break;
                case RecordKind.Rebase:
                    log.Rebase(index, ballot);
                    break;
                case RecordKind.Ballots or RecordKind.Start or RecordKind.Boot:
                    break;
            }
        }

        public void OnProgress(long bytesRead, long bytesTotal) => progress?.Invoke(bytesRead, bytesTotal);
    }
}
