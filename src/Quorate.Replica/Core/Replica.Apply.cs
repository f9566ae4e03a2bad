using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <content>What is decided is applied, in order and once; a turn's worth of it is published as one state.</content>
public sealed partial class Replica
{
    private readonly List<ulong> _tokens = [];
    private StateMachine _machine;
    private Ballot _appliedBallot;

    /// <summary>Applies a bounded amount. Returns whether more is decided.</summary>
    private bool ApplyDecided()
    {
        if (_machine.AppliedIndex >= _log.Decided)
        {
            return false;
        }

        long bytes = 0;
        while (_machine.AppliedIndex < _log.Decided && bytes < _options.MaxApplyBytesPerTurn)
        {
            Entry entry = _log.At(_machine.AppliedIndex + 1);
            bytes += entry.Payload.Length;
            ApplyEntry(entry);
        }

        StateVersion published = _machine.Publish();
        _host.Published(published);
        Watches.OnPublished(published);
        _log.Shrink(_options.MaxLogBytesInMemory, keepAfter: _machine.AppliedIndex);
        return _machine.AppliedIndex < _log.Decided;
    }

    private void ApplyEntry(Entry entry)
    {
        if (entry.Kind == EntryKind.Command)
        {
            var reader = new EntryPayload.Reader(entry.Payload);
            _machine.BeginEntry(entry.Index, reader.StampMs);
            while (reader.MoveNext())
            {
                ApplyCommand(reader.Id, reader.Command);
            }
        }
        else
        {
            _machine.BeginEntry(entry.Index, _machine.LeaseTimeMs);
        }

        _machine.EndEntry();
        if (entry.Ballot != _appliedBallot)
        {
            _appliedBallot = entry.Ballot;
            _pending.RequeueBefore(entry.Ballot);
        }
    }

    private void ApplyCommand(RequestId id, ReadOnlyMemory<byte> command)
    {
        ulong token = 0;
        bool isOurs = id.Node == _identity.Node && id.Boot == _identity.Boot && _pending.TryFinish(id.Counter, out token);
        CommandResult? result = _machine.Apply(command, wantResult: isOurs);
        if (isOurs)
        {
            _host.Answer(token, result!);
        }
    }
}
