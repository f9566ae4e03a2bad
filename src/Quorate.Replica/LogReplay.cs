using Quorate.Consensus;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>
/// Rebuilds the log of a group from its records, on top of the snapshot the node starts from. Entries that the snapshot
/// stands in for are passed over; what lies behind it counts only if it continues the very entry the snapshot ends with.
/// The oldest segment that is left may begin with the end of a branch that was cut later, whose beginning is trimmed: what
/// continues nothing there is passed over too. Whether all is there is asked at the end, of the newest caption.
/// </summary>
/// <remarks>
/// Behind records that a corrupt disk has lost it is unknown what the log was: they may have cut it. What is read there is collected as a
/// fragment, whose place shows at the end (docs/decisions/0006).
/// </remarks>
internal sealed class LogReplay : IRecoveryVisitor
{
    private readonly Action<long, long>? _progress;
    private readonly ulong _baseIndex;
    private readonly Ballot _baseBallot;
    private readonly List<(Entry Entry, long Position)> _fragment = [];
    private readonly List<List<Entry>> _aside = [];
    private long _repairPosition;
    private ulong _written;
    private bool _isKnown;
    private bool _continuesBase = true;

    /// <summary>Begins behind a snapshot, or with nothing.</summary>
    /// <param name="log">Begins with what the snapshot ends with; filled by the replay.</param>
    /// <param name="progress">Told bytes read and bytes in all.</param>
    /// <param name="lacksSnapshot">Whether there was a newer snapshot, which cannot be read.</param>
    public LogReplay(GroupLog log, Action<long, long>? progress, bool lacksSnapshot = false)
    {
        Log = log;
        _progress = progress;
        _isKnown = !lacksSnapshot;
        _baseIndex = log.Last;
        _baseBallot = log.LastBallot;
    }

    /// <summary>Told the caption, and the last records if it does not speak of them, when all is read and whoever starts the node may still refuse.</summary>
    public Action<ReadOnlyMemory<byte>, LogDamage?>? AllRead { get; init; }

    public GroupLog Log { get; }

    /// <summary>The first stretch of records that is lost; <see langword="null"/> if none is.</summary>
    public LogDamage? Damage { get; private set; }

    /// <summary>Whether a reader would find another log than <see cref="Log"/> unless a record says that the snapshot has taken its place.</summary>
    public bool IsReplaced => _isKnown && (_written != Log.Last || !_continuesBase);

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
            case RecordKind.Repair:
                OnRepair(decoded, position);
                break;
            case RecordKind.Ballots or RecordKind.Start or RecordKind.Boot:
                break;
        }
    }

    public void OnLost(LogDamage stretch)
    {
        Damage ??= stretch;
        Log.ClearBehind(_baseIndex);
        _isKnown = false;
        _fragment.Clear();
    }

    public void OnEnd(ReadOnlyMemory<byte> caption, LogDamage? unspoken) => AllRead?.Invoke(caption, unspoken);

    public void OnProgress(long bytesRead, long bytesTotal) => _progress?.Invoke(bytesRead, bytesTotal);

    /// <summary>Finds out whether the log is all there, and brings what is surely its end into it.</summary>
    /// <param name="end">The end of the log by its newest caption.</param>
    /// <param name="decided">What that caption calls decided.</param>
    /// <returns><see langword="null"/> if nothing is lost of what the node has to answer for.</returns>
    public LogRepair? Resolve(LogEnd end, ulong decided)
    {
        if (end.Index <= _baseIndex)
        {
            return null;
        }

        if (_isKnown)
        {
            // Being mended already: what is there stays. The record that began it may be lost; then ordinary trimming lets go of the rest.
            bool isMended = (_repairPosition == 0 && Damage is null) || new LogEnd(Log.Last, Log.LastBallot).IsAtLeast(end);
            return isMended ? null : new LogRepair(end, AsideUpTo(end), Math.Max(_repairPosition, 1));
        }

        List<Entry> found = _fragment.ConvertAll(one => one.Entry);
        if (!EndsWith(found, end))
        {
            return new LogRepair(end, AsideUpTo(end), position: 0);
        }

        ulong first = found[0].Index;
        if (first <= _baseIndex)
        {
            // The fragment holds an entry where the snapshot ends: either it continues the snapshot, or that has taken its place.
            return Take(continues: found[(int)(_baseIndex - first)].Ballot == _baseBallot);
        }

        return first == _baseIndex + 1 && decided >= _baseIndex ? Take(continues: true) : new LogRepair(end, found, position: 0);
    }

    private static bool EndsWith(List<Entry> entries, LogEnd end) =>
        entries.Count > 0 && entries[^1].Index == end.Index && entries[^1].Ballot == end.Ballot;

    private List<Entry> AsideUpTo(LogEnd end) => _aside.Find(entries => EndsWith(entries, end)) ?? [];

    private LogRepair? Take(bool continues)
    {
        foreach ((Entry entry, long position) in _fragment)
        {
            if (continues && entry.Index > _baseIndex)
            {
                Log.Append(entry, position);
            }
        }

        return null;
    }

    private void OnEntry(Entry entry, long position)
    {
        _written = entry.Index;
        if (_isKnown && entry.Index == _baseIndex)
        {
            _continuesBase = entry.Ballot == _baseBallot;
        }
        else if (_isKnown && entry.Index > _baseIndex && _continuesBase && Fits(entry))
        {
            Log.Append(entry, position);
            _fragment.Clear();
            return;
        }

        if (!_isKnown || entry.Index > Log.Last + 1)
        {
            if (_fragment.Count > 0 && _fragment[^1].Entry.Index + 1 != entry.Index)
            {
                _fragment.Clear();
            }

            _fragment.Add((entry, position));
        }
    }

    private bool Fits(Entry entry) => entry.Index <= Log.Last + 1 && entry.Ballot.Round >= Log.LastBallot.Round;

    private void OnTruncate(ulong index)
    {
        _written = index - 1;
        _fragment.RemoveAll(one => one.Entry.Index >= index);
        if (index <= _baseIndex)
        {
            Log.ClearBehind(_baseIndex);
        }
        else if (_continuesBase)
        {
            Log.ClearBehind(index - 1);
        }
    }

    /// <summary>A snapshot was installed here once.</summary>
    private void OnRebase(DecodedRecord rebase)
    {
        if (!rebase.Keeps)
        {
            BeginBehind(rebase);
        }
    }

    /// <summary>The log was found to have a hole here once.</summary>
    private void OnRepair(DecodedRecord repair, long position)
    {
        _repairPosition = position;
        BeginBehind(repair);
    }

    /// <summary>
    /// The log is what a snapshot ends with; if that one cannot be read any more, nor a newer one, it is unknown again. In a log with a
    /// hole, what was there before may be a part of what the node answers for.
    /// </summary>
    private void BeginBehind(DecodedRecord snapshot)
    {
        if (Damage is not null || _repairPosition > 0)
        {
            List<Entry> log = [];
            Log.Read(_baseIndex + 1, int.MaxValue, log);
            _aside.Add(log);
            _aside.Add(_fragment.ConvertAll(one => one.Entry));
        }

        _written = snapshot.Index;
        Log.ClearBehind(_baseIndex);
        _fragment.Clear();
        _isKnown = snapshot.Index <= _baseIndex;
        _continuesBase = snapshot.Index < _baseIndex || snapshot.Ballot == _baseBallot;
    }
}
