namespace Quorate.State;

/// <summary>
/// The bytes of an answer that is kept for a client session: the kind of the command, then, unless the whole is too large, the
/// answer. Every answer begins with a byte for its shape and its revision; numbers and byte strings are as in <see cref="CommandCodec"/>.
/// </summary>
/// <remarks>
/// <code>
/// empty   0  revision
/// error   1  revision  error
/// put     2  revision  0 or 1 key-value
/// delete  3  revision  deleted  key-values
/// range   4  revision  key-values  more  count
/// txn     5  revision  succeeded  answers
/// grant   6  revision  id  ttl
/// key-value: key  value  create  mod  version  lease
/// </code>
/// </remarks>
internal static class AnswerCodec
{
    private enum Shape : byte
    {
        Empty = 0,
        Error = 1,
        Put = 2,
        Delete = 3,
        Range = 4,
        Txn = 5,
        Grant = 6,
    }

    /// <summary>Encodes an answer behind a byte; the byte alone when the answer takes more than <paramref name="maxBytes"/>.</summary>
    public static byte[] Encode(byte first, CommandResult result, int maxBytes)
    {
        var counter = new CommandWriter([], counting: true);
        Write(ref counter, result);
        bool fits = counter.Position <= maxBytes;
        var bytes = new byte[1 + (fits ? counter.Position : 0)];
        bytes[0] = first;
        if (fits)
        {
            var writer = new CommandWriter(bytes.AsSpan(1), counting: false);
            Write(ref writer, result);
        }

        return bytes;
    }

    /// <summary>Decodes what was encoded; byte strings are slices of <paramref name="bytes"/>.</summary>
    /// <exception cref="StateException">With <see cref="StateError.Malformed"/>: the bytes are no answer.</exception>
    public static CommandResult Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CommandReader(bytes);
        CommandResult result = Read(ref reader);
        reader.RequireEnd();
        return result;
    }

    private static void Write(ref CommandWriter writer, CommandResult result)
    {
        writer.Byte((byte)ShapeOf(result));
        writer.Number(result.Revision);
        switch (result)
        {
            case ErrorResult error:
                writer.Number((long)error.Error);
                break;
            case PutResult put:
                writer.Byte(put.Previous is null ? (byte)0 : (byte)1);
                if (put.Previous is not null)
                {
                    Write(ref writer, put.Previous);
                }

                break;
            case DeleteRangeResult delete:
                writer.Number(delete.Deleted);
                Write(ref writer, delete.Previous);
                break;
            case RangeResult range:
                Write(ref writer, range.KeyValues);
                writer.Byte(range.More ? (byte)1 : (byte)0);
                writer.Number(range.Count);
                break;
            case TxnResult txn:
                writer.Byte(txn.Succeeded ? (byte)1 : (byte)0);
                writer.Number(txn.Responses.Count);
                foreach (CommandResult response in txn.Responses)
                {
                    Write(ref writer, response);
                }

                break;
            case LeaseGrantResult grant:
                writer.Number(grant.Id);
                writer.Number(grant.TtlSeconds);
                break;
        }
    }

    private static CommandResult Read(ref CommandReader reader)
    {
        var shape = (Shape)reader.Byte();
        long revision = reader.Number();
        return shape switch
        {
            Shape.Empty => new EmptyResult(revision),
            Shape.Error => new ErrorResult(revision, (StateError)reader.Number()),
            Shape.Put => new PutResult(revision, reader.Byte() == 0 ? null : ReadKeyValue(ref reader)),
            Shape.Delete => new DeleteRangeResult(revision, reader.Number(), ReadKeyValues(ref reader)),
            Shape.Range => new RangeResult(revision, ReadKeyValues(ref reader), reader.Byte() == 1, reader.Number()),
            Shape.Txn => new TxnResult(revision, reader.Byte() == 1, ReadAnswers(ref reader)),
            Shape.Grant => new LeaseGrantResult(revision, reader.Number(), reader.Number()),
            _ => throw new StateException(StateError.Malformed),
        };
    }

    private static Shape ShapeOf(CommandResult result) => result switch
    {
        EmptyResult => Shape.Empty,
        ErrorResult => Shape.Error,
        PutResult => Shape.Put,
        DeleteRangeResult => Shape.Delete,
        RangeResult => Shape.Range,
        TxnResult => Shape.Txn,
        LeaseGrantResult => Shape.Grant,
        _ => throw new InvalidOperationException($"A {result.GetType().Name} cannot be kept."),
    };

    private static void Write(ref CommandWriter writer, IReadOnlyList<KeyValue> pairs)
    {
        writer.Number(pairs.Count);
        foreach (KeyValue pair in pairs)
        {
            Write(ref writer, pair);
        }
    }

    private static void Write(ref CommandWriter writer, KeyValue pair)
    {
        writer.Bytes(pair.Key);
        writer.Bytes(pair.Value);
        writer.Number(pair.CreateRevision);
        writer.Number(pair.ModRevision);
        writer.Number(pair.Version);
        writer.Number(pair.Lease);
    }

    private static KeyValue[] ReadKeyValues(ref CommandReader reader)
    {
        var pairs = new KeyValue[reader.Count(6)];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = ReadKeyValue(ref reader);
        }

        return pairs;
    }

    private static KeyValue ReadKeyValue(ref CommandReader reader) =>
        new(reader.Bytes(), reader.Bytes(), reader.Number(), reader.Number(), reader.Number(), reader.Number());

    private static CommandResult[] ReadAnswers(ref CommandReader reader)
    {
        var answers = new CommandResult[reader.Count(2)];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = Read(ref reader);
        }

        return answers;
    }
}
