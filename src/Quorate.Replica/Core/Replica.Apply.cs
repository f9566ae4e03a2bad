using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <content>What is decided is applied, in order and once; a turn's worth of it is published as one state.</content>
public sealed partial class Replica
{
    private StateMachine _machine;
    private Ballot _appliedBallot;

    /// <summary>Applies a bounded amount. Returns whether there is more to do: more is decided, or commands wait to be sent again.</summary>
    private bool ApplyDecided()
    {
        if (_machine.AppliedIndex >= _log.Decided)
        {
            return false;
        }

        // Events are built only for somebody: without a watcher the hub takes note of the revision alone.
        bool isWatched = Watches.WatcherCount > 0;
        _machine.Observer = isWatched ? Watches : null;
        long bytes = 0;
        bool sendsAgain = false;
        while (_machine.AppliedIndex < _log.Decided && bytes < _options.MaxApplyBytesPerTurn)
        {
            Entry entry = _log.At(_machine.AppliedIndex + 1);
            bytes += entry.Payload.Length;
            sendsAgain |= ApplyEntry(entry);
        }

        StateVersion published = _machine.Publish();
        _host.Published(published);
        if (isWatched)
        {
            Watches.OnPublished(published);
        }
        else
        {
            Watches.OnReset(published);
        }

        ShrinkLog();
        return sendsAgain || _machine.AppliedIndex < _log.Decided;
    }

    /// <returns>Whether commands that were sent under an older ballot may go out again.</returns>
    private bool ApplyEntry(Entry entry)
    {
        if (entry.Kind == EntryKind.Command)
        {
            var reader = new EntryPayload.Reader(entry.Payload);
            _machine.BeginEntry(entry.Index, reader.StampMs, _configuration!.FeatureLevel);
            while (reader.MoveNext())
            {
                ApplyCommand(reader.Id, reader.Command);
            }
        }
        else
        {
            _machine.BeginEntry(entry.Index, _machine.LeaseTimeMs, _configuration!.FeatureLevel);
        }

        _machine.EndEntry();
        if (_hashDue)
        {
            _hashDue = false;
            TellHash(entry.Index);
        }

        if (entry.Ballot == _appliedBallot)
        {
            return false;
        }

        _appliedBallot = entry.Ballot;
        return _pending.RequeueBefore(entry.Ballot);
    }

    private void ApplyCommand(RequestId id, ReadOnlyMemory<byte> command)
    {
        if (command.Length == 1 && command.Span[0] == OwnMachine)
        {
            _hashDue = true;
            return;
        }

        ulong token = 0;
        bool isOurs = id.Node == _identity.Node && id.Boot == _identity.Boot && _pending.TryFinish(id.Counter, out token);
        CommandResult? result = _machine.Apply(command, wantResult: isOurs);
        if (isOurs)
        {
            _host.Answer(token, result!);
        }
    }
}
