using Quorate.Consensus;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>
/// Rebuilds the log of a group from its records, on top of the snapshot the node starts from. Entries that the snapshot
/// stands in for are passed over; what lies behind it counts only if it continues the very entry the snapshot ends with.
/// The oldest segment that is left may begin with the end of a branch that was cut later, whose beginning is trimmed: what
/// continues nothing there is passed over too. Whether all is there is asked at the end, of the newest caption.
/// </summary>
internal sealed class LogReplay : IRecoveryVisitor
{
    private readonly Action<long, long>? _progress;
    private readonly ulong _baseIndex;
    private readonly Ballot _baseBallot;
    private bool _continuesBase = true;

    public LogReplay(GroupLog log, Action<long, long>? progress)
    {
        Log = log;
        _progress = progress;
        _baseIndex = log.Last;
        _baseBallot = log.LastBallot;
    }

    public GroupLog Log { get; }

    public void OnRecord(long position, ReadOnlySpan<byte> record)
    {
        if (!RecordCodec.TryDecode(record, out DecodedRecord decoded))
        {
            throw new FormatException($"Record {position} is of a kind this build does not know.");
        }

        switch (decoded.Kind)
        {
            case RecordKind.Entry:
                OnEntry(decoded.Entry!, position);
                break;
            case RecordKind.Truncate:
                OnTruncate(decoded.Index);
                break;
            case RecordKind.Rebase:
                OnRebase(decoded);
                break;
            case RecordKind.Ballots or RecordKind.Start or RecordKind.Boot:
                break;
        }
    }

    public void OnProgress(long bytesRead, long bytesTotal) => _progress?.Invoke(bytesRead, bytesTotal);

    private void OnEntry(Entry entry, long position)
    {
        if (entry.Index == _baseIndex)
        {
            _continuesBase = entry.Ballot == _baseBallot;
        }
        else if (entry.Index > _baseIndex && _continuesBase && Fits(entry))
        {
            Log.Append(entry, position);
        }
    }

    private bool Fits(Entry entry) => entry.Index <= Log.Last + 1 && entry.Ballot.Round >= Log.LastBallot.Round;

    private void OnTruncate(ulong index)
    {
        if (index <= _baseIndex)
        {
            Log.ClearBehind(_baseIndex);
        }
        else if (_continuesBase)
        {
            Log.ClearBehind(index - 1);
        }
    }

    /// <summary>A snapshot was installed here once; the node starts from that one or a newer one.</summary>
    private void OnRebase(DecodedRecord rebase)
    {
        Invariant.Check(rebase.Index <= _baseIndex, "A snapshot that the log relies on is missing.");
        if (!rebase.Keeps)
        {
            Log.ClearBehind(_baseIndex);
            _continuesBase = rebase.Index < _baseIndex || rebase.Ballot == _baseBallot;
        }
    }
}
