using System.Buffers.Binary;
using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// The client sessions and the answers given under them, which are kept until the client acknowledges them. The order of use
/// and the bytes in all are derived: they are built anew from the map when a state is restored.
/// </summary>
internal sealed class SessionTable
{
    private const int IdSize = 16;
    private const int RecordKeySize = 1 + IdSize;
    private const int AnswerKeySize = RecordKeySize + 8;

    private readonly HashedMap _map;
    private readonly SessionLimits _limits;
    private readonly long _maxIdleMs;
    private readonly SortedSet<(long UsedMs, UInt128 Id)> _byUse = [];
    private readonly List<ReadOnlyMemory<byte>> _doomed = [];
    private long _answerBytes;

    public SessionTable(HashedMap map, SessionLimits limits)
    {
        _map = map;
        _limits = limits;
        _maxIdleMs = limits.MaxIdle.Ticks / TimeSpan.TicksPerMillisecond;
        MapCursor cursor = map.Reader.Seek([Layout.SessionTable]);
        while (cursor.MoveNext() && cursor.Key.Span[0] == Layout.SessionTable)
        {
            ReadOnlySpan<byte> key = cursor.Key.Span;
            if (key.Length == RecordKeySize)
            {
                _byUse.Add((SessionRecord.Read(cursor.Value.Span).UsedMs, BinaryPrimitives.ReadUInt128BigEndian(key[1..])));
            }
            else
            {
                _answerBytes += key.Length + cursor.Value.Length;
            }
        }
    }

    /// <summary>Opens a session; one that is open stays as it is.</summary>
    public void Open(UInt128 id, long nowMs)
    {
        if (Find(id) is not null)
        {
            return;
        }

        if (_byUse.Count >= _limits.MaxSessions)
        {
            ForgetOldest();
        }

        Span<byte> stored = stackalloc byte[SessionRecord.Size];
        new SessionRecord(nowMs, 0).Write(stored);
        _map.Insert(Key(stackalloc byte[RecordKeySize], id), stored);
        _byUse.Add((nowMs, id));
    }

    /// <summary>
    /// Whether a command under a session is to be applied: it is when there is neither an error nor an answer. What its client
    /// acknowledges is dropped.
    /// </summary>
    /// <param name="request">The command.</param>
    /// <param name="nowMs">The lease time.</param>
    /// <param name="answer">What was answered under its number before; else empty.</param>
    public StateError Admit(in SessionFields request, long nowMs, out ReadOnlyMemory<byte> answer)
    {
        answer = default;
        if (Find(request.Session) is not { } session)
        {
            return StateError.SessionExpired;
        }

        long acknowledged = Math.Max(session.Acknowledged, request.Acknowledged);
        if (request.Sequence <= acknowledged)
        {
            return StateError.SequenceAcknowledged;
        }

        if (request.Sequence - acknowledged > _limits.Window)
        {
            return StateError.SessionWindow;
        }

        Use(request.Session, session, new SessionRecord(nowMs, acknowledged));
        if (!_map.Reader.TryGet(Key(stackalloc byte[AnswerKeySize], request.Session, request.Sequence), out ReadOnlyMemory<byte> stored))
        {
            return StateError.None;
        }

        if (stored.Span[0] != (byte)request.Kind)
        {
            return StateError.SequenceReused;
        }

        answer = stored[1..];
        return answer.IsEmpty ? StateError.AnswerNotKept : StateError.None;
    }

    /// <summary>Keeps the answer to a command that was admitted and applied.</summary>
    public void Keep(in SessionFields request, CommandResult result)
    {
        Span<byte> key = Key(stackalloc byte[AnswerKeySize], request.Session, request.Sequence);
        byte[] stored = AnswerCodec.Encode((byte)request.Kind, result, _limits.MaxAnswerBytes);
        _map.Insert(key, stored);
        _answerBytes += key.Length + stored.Length;
        while (_answerBytes > _limits.MaxBytes && _byUse.Count > 1)
        {
            ForgetOldest();
        }
    }

    /// <summary>Forgets a session that was not used for long enough, one at a time so that no entry takes long.</summary>
    public void ForgetIdle(long nowMs)
    {
        if (_byUse.Count > 0 && nowMs - _byUse.Min.UsedMs >= _maxIdleMs)
        {
            ForgetOldest();
        }
    }

    /// <summary>The planted bug <see cref="StatePlants.SessionsNotInSnapshot"/>.</summary>
    public static void Omit(IOrderedMap map)
    {
        var answers = new List<ReadOnlyMemory<byte>>();
        MapCursor cursor = map.Seek([Layout.SessionTable]);
        while (cursor.MoveNext() && cursor.Key.Span[0] == Layout.SessionTable)
        {
            if (cursor.Key.Length == AnswerKeySize)
            {
                answers.Add(cursor.Key);
            }
        }

        foreach (ReadOnlyMemory<byte> key in answers)
        {
            map.Remove(key.Span);
        }
    }

    private SessionRecord? Find(UInt128 id) =>
        _map.Reader.TryGet(Key(stackalloc byte[RecordKeySize], id), out ReadOnlyMemory<byte> stored) ? SessionRecord.Read(stored.Span) : null;

    private void Use(UInt128 id, SessionRecord before, SessionRecord after)
    {
        if (after == before)
        {
            return;
        }

        Span<byte> stored = stackalloc byte[SessionRecord.Size];
        after.Write(stored);
        _map.Replace(Key(stackalloc byte[RecordKeySize], id), stored);
        _byUse.Remove((before.UsedMs, id));
        _byUse.Add((after.UsedMs, id));
        if (after.Acknowledged > before.Acknowledged)
        {
            DropAnswers(id, after.Acknowledged);
        }
    }

    private void ForgetOldest()
    {
        (long usedMs, UInt128 id) = _byUse.Min;
        DropAnswers(id, long.MaxValue);
        _map.Remove(Key(stackalloc byte[RecordKeySize], id));
        _byUse.Remove((usedMs, id));
    }

    private void DropAnswers(UInt128 id, long upTo)
    {
        _doomed.Clear();
        Span<byte> first = Key(stackalloc byte[AnswerKeySize], id, 0);
        MapCursor cursor = _map.Reader.Seek(first);
        while (cursor.MoveNext() && cursor.Key.Length == AnswerKeySize && cursor.Key.Span.StartsWith(first[..RecordKeySize])
            && BinaryPrimitives.ReadInt64BigEndian(cursor.Key.Span[RecordKeySize..]) <= upTo)
        {
            _doomed.Add(cursor.Key);
            _answerBytes -= cursor.Key.Length + cursor.Value.Length;
        }

        foreach (ReadOnlyMemory<byte> key in _doomed)
        {
            _map.Remove(key.Span);
        }
    }

    private static Span<byte> Key(Span<byte> destination, UInt128 id)
    {
        destination[0] = Layout.SessionTable;
        BinaryPrimitives.WriteUInt128BigEndian(destination[1..], id);
        return destination;
    }

    private static Span<byte> Key(Span<byte> destination, UInt128 id, long sequence)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination[RecordKeySize..], sequence);
        return Key(destination, id);
    }
}
