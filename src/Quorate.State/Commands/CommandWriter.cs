using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.State;

/// <summary>
/// Writes commands. With nothing to write into it only counts, so that one description of the format gives both the exact
/// size and the bytes.
/// </summary>
internal ref struct CommandWriter(Span<byte> destination, bool counting)
{
    /// <summary>Bytes of a session's id.</summary>
    public const int IdSize = 16;

    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public void Byte(byte value)
    {
        if (!counting)
        {
            _destination[Position] = value;
        }

        Position++;
    }

    public void Number(long value) =>
        Position += counting ? Varint.Size((ulong)value) : Varint.Write(_destination[Position..], (ulong)value);

    public void Bytes(ReadOnlyMemory<byte> value)
    {
        Number(value.Length);
        if (!counting)
        {
            value.Span.CopyTo(_destination[Position..]);
        }

        Position += value.Length;
    }

    /// <summary>Writes a command and what is nested in it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="depth">How many transactions enclose it.</param>
    /// <exception cref="ArgumentException">It is of a kind that cannot stand here, or nested too deep.</exception>
    public void Command(Command command, int depth)
    {
        if (depth > TxnRules.MaxDepth || (depth > 0 && !TxnRules.MayBeNested(command)))
        {
            throw new ArgumentException($"{command.GetType().Name} cannot stand at depth {depth} of a transaction.", nameof(command));
        }

        switch (command)
        {
            case PutCommand put:
                Put(put);
                break;
            case DeleteRangeCommand delete:
                Kind(CommandKind.DeleteRange);
                Byte(delete.ReturnPrevious ? (byte)1 : (byte)0);
                Range(delete.Range);
                break;
            case RangeCommand range when depth > 0:
                Kind(CommandKind.Range);
                Query(range.Query);
                break;
            case TxnCommand txn:
                Txn(txn, depth);
                break;
            case CompactCommand compact:
                Kind(CommandKind.Compact);
                Number(compact.Revision);
                break;
            case LeaseGrantCommand grant:
                Kind(CommandKind.LeaseGrant);
                Number(grant.Id);
                Number(grant.TtlSeconds);
                break;
            case LeaseRevokeCommand revoke:
                Kind(CommandKind.LeaseRevoke);
                Number(revoke.Id);
                break;
            case LeaseRefreshCommand refresh:
                Kind(CommandKind.LeaseRefresh);
                Ids(refresh.Ids);
                break;
            case LeaseExpireCommand expire:
                Kind(CommandKind.LeaseExpire);
                Ids(expire.Ids);
                break;
            case SessionCommand { Inner: not (SessionCommand or OpenSessionCommand) } session when depth == 0:
                Session(session);
                break;
            case OpenSessionCommand open:
                Kind(CommandKind.OpenSession);
                Id(open.Id);
                break;
            default:
                throw new ArgumentException($"{command.GetType().Name} is no command of its own.", nameof(command));
        }
    }

    private void Kind(CommandKind kind) => Byte((byte)kind);

    private void Put(PutCommand put)
    {
        PutFlags flags = PutFields.FlagsOf(put);
        Kind(CommandKind.Put);
        Byte((byte)flags);
        if ((flags & PutFlags.Lease) != 0)
        {
            Number(put.Lease);
        }

        Bytes(put.Key);
        Bytes(put.Value);
    }

    private void Session(SessionCommand session)
    {
        Kind(CommandKind.InSession);
        Id(session.Session);
        Number(session.Sequence);
        Number(session.Acknowledged);
        Byte(State.Command.MachineId);
        Command(session.Inner, depth: 0);
    }

    private void Id(UInt128 id)
    {
        if (!counting)
        {
            BinaryPrimitives.WriteUInt128BigEndian(_destination[Position..], id);
        }

        Position += IdSize;
    }

    private void Range(KeyRange range)
    {
        Bytes(range.Key);
        Bytes(range.End);
    }

    private void Query(RangeQuery query)
    {
        Range(query.Range);
        Byte((byte)((query.KeysOnly ? 1 : 0) | (query.CountOnly ? 2 : 0)));
        Byte((byte)query.SortOrder);
        Byte((byte)query.SortTarget);
        Number(query.Limit);
        Number(query.Revision);
        Number(query.MinModRevision);
        Number(query.MaxModRevision);
        Number(query.MinCreateRevision);
        Number(query.MaxCreateRevision);
    }

    private void Txn(TxnCommand txn, int depth)
    {
        Kind(CommandKind.Txn);
        Number(txn.Compares.Count);
        foreach (Compare compare in txn.Compares)
        {
            Range(compare.Range);
            Byte((byte)compare.Target);
            Byte((byte)compare.Result);
            Number(compare.Number);
            Bytes(compare.Value);
        }

        Operations(txn.Success, depth);
        Operations(txn.Failure, depth);
    }

    private void Operations(IReadOnlyList<Command> operations, int depth)
    {
        Number(operations.Count);
        foreach (Command operation in operations)
        {
            Command(operation, depth + 1);
        }
    }

    private void Ids(IReadOnlyList<long> ids)
    {
        Number(ids.Count);
        foreach (long id in ids)
        {
            Number(id);
        }
    }
}
