using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.State;

/// <summary>Reads what <see cref="CommandWriter"/> wrote. Every failure is a <see cref="StateException"/> of kind malformed.</summary>
internal ref struct CommandReader(ReadOnlyMemory<byte> source)
{
    private readonly ReadOnlyMemory<byte> _source = source;
    private ByteReader _reader = new(source.Span);

    public byte Byte() => _reader.Byte();

    public long Number() => (long)_reader.Varint();

    /// <summary>The count of a list whose items take at least so many bytes each.</summary>
    public int Count(int minBytesEach) => _reader.Count(minBytesEach);

    public ReadOnlyMemory<byte> Bytes()
    {
        int length = _reader.Bytes().Length;
        return _source.Slice(_reader.Offset - length, length);
    }

    public PutFields Put()
    {
        PutFlags flags = Flags(out long lease);
        ReadOnlySpan<byte> key = _reader.Bytes();
        ReadOnlySpan<byte> value = _reader.Bytes();
        Require(!key.IsEmpty);
        return new PutFields(key, value, lease, flags);
    }

    /// <summary>Reads a command and what is nested in it.</summary>
    /// <param name="depth">How many transactions enclose it.</param>
    public Command Command(int depth)
    {
        Require(depth <= TxnRules.MaxDepth);
        Command command = (CommandKind)Byte() switch
        {
            CommandKind.Put => PutCommand(),
            CommandKind.DeleteRange => DeleteRange(),
            CommandKind.Range when depth > 0 => new RangeCommand(Query()),
            CommandKind.Txn => Txn(depth),
            CommandKind.Compact => new CompactCommand(Number()),
            CommandKind.LeaseGrant => new LeaseGrantCommand(Number(), Number()),
            CommandKind.LeaseRevoke => new LeaseRevokeCommand(Number()),
            CommandKind.LeaseRefresh => new LeaseRefreshCommand(Ids()),
            CommandKind.LeaseExpire => new LeaseExpireCommand(Ids()),
            CommandKind.InSession when depth == 0 => SessionCommand(),
            CommandKind.OpenSession => new OpenSessionCommand(Id()),
            _ => throw new StateException(StateError.Malformed),
        };
        Require(depth == 0 || TxnRules.MayBeNested(command));
        return command;
    }

    /// <summary>Reads the fields of a command under a session; the command itself is what remains.</summary>
    public SessionFields Session()
    {
        UInt128 session = Id();
        long sequence = Number();
        long acknowledged = Number();
        var fields = new SessionFields(session, sequence, acknowledged, _source[_reader.Offset..]);
        _reader.Rest();
        Require(_reader.IsComplete && acknowledged >= 0 && sequence > acknowledged);
        Require(fields.Kind is not (default(CommandKind) or CommandKind.InSession or CommandKind.OpenSession));
        return fields;
    }

    /// <summary>To be called last: what was cut short was read as nothing so far.</summary>
    public readonly void RequireEnd() => Require(_reader.IsComplete);

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new StateException(StateError.Malformed);
        }
    }

    private PutCommand PutCommand()
    {
        PutFlags flags = Flags(out long lease);
        ReadOnlyMemory<byte> key = Bytes();
        ReadOnlyMemory<byte> value = Bytes();
        Require(!key.IsEmpty);
        return new PutCommand(
            key,
            value,
            lease,
            (flags & PutFlags.ReturnPrevious) != 0,
            (flags & PutFlags.IgnoreValue) != 0,
            (flags & PutFlags.IgnoreLease) != 0);
    }

    private SessionCommand SessionCommand()
    {
        SessionFields fields = Session();
        return new SessionCommand(fields.Session, fields.Sequence, fields.Acknowledged, CommandCodec.Decode(fields.Command));
    }

    private UInt128 Id()
    {
        ReadOnlySpan<byte> id = _reader.Raw(CommandWriter.IdSize);
        return id.IsEmpty ? UInt128.Zero : BinaryPrimitives.ReadUInt128BigEndian(id);
    }

    private PutFlags Flags(out long lease)
    {
        var flags = (PutFlags)Byte();
        Require((flags & ~PutFlags.All) == 0);
        lease = (flags & PutFlags.Lease) != 0 ? Number() : 0;
        return flags;
    }

    private DeleteRangeCommand DeleteRange()
    {
        byte flags = Byte();
        Require(flags <= 1);
        return new DeleteRangeCommand(Range(), flags == 1);
    }

    private KeyRange Range()
    {
        ReadOnlyMemory<byte> key = Bytes();
        Require(!key.IsEmpty);
        return new KeyRange(key, Bytes());
    }

    private RangeQuery Query()
    {
        KeyRange range = Range();
        byte flags = Byte();
        byte order = Byte();
        byte target = Byte();
        Require(flags <= 3 && order <= (byte)SortOrder.Descending && target <= (byte)SortTarget.Value);
        return new RangeQuery(range)
        {
            KeysOnly = (flags & 1) != 0,
            CountOnly = (flags & 2) != 0,
            SortOrder = (SortOrder)order,
            SortTarget = (SortTarget)target,
            Limit = Number(),
            Revision = Number(),
            MinModRevision = Number(),
            MaxModRevision = Number(),
            MinCreateRevision = Number(),
            MaxCreateRevision = Number(),
        };
    }

    private TxnCommand Txn(int depth)
    {
        var compares = new Compare[_reader.Count(6)];
        for (int i = 0; i < compares.Length; i++)
        {
            compares[i] = Compare();
        }

        return new TxnCommand(compares, Operations(depth), Operations(depth));
    }

    private Compare Compare()
    {
        KeyRange range = Range();
        byte target = Byte();
        byte result = Byte();
        Require(target <= (byte)CompareTarget.Lease && result <= (byte)CompareResult.NotEqual);
        return new Compare(range, (CompareTarget)target, (CompareResult)result, Number(), Bytes());
    }

    private Command[] Operations(int depth)
    {
        var operations = new Command[_reader.Count(4)];
        for (int i = 0; i < operations.Length; i++)
        {
            operations[i] = Command(depth + 1);
        }

        return operations;
    }

    private long[] Ids()
    {
        var ids = new long[_reader.Count(1)];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = Number();
        }

        return ids;
    }
}
