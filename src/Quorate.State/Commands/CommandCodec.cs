namespace Quorate.State;

/// <summary>
/// The bytes of a command. The first is <see cref="Command.MachineId"/>, the second names the kind, then come its fields:
/// numbers as LEB128 of their 64 bits, byte strings and lists behind their length. A nested command has no machine byte.
/// </summary>
/// <remarks>
/// <code>
/// put           1  flags  [lease if flags and 1]  key  value      flags: 1 lease, 2 previous, 4 ignore value, 8 ignore lease
/// delete range  2  flags  key  end                                 flags: 1 previous
/// range         3  key  end  flags  order  target  limit  revision  min-mod  max-mod  min-create  max-create   (nested only)
/// txn           4  compares  success  failure                      compare: key  end  target  result  number  value
/// compact       5  revision
/// grant         6  id  ttl
/// revoke        7  id
/// refresh       8  ids
/// expire        9  ids
/// in session   10  session(16)  sequence  acknowledged  command    (a whole one, with its machine byte)
/// open session 11  session(16)
/// </code>
/// </remarks>
public static class CommandCodec
{
    /// <summary>Encodes a command into an array of exactly its size.</summary>
    /// <exception cref="ArgumentException">It cannot be a command of its own, or holds one that cannot be nested, or too deep (<see cref="TxnRules.MaxDepth"/>).</exception>
    public static byte[] Encode(Command command)
    {
        var counter = new CommandWriter([], counting: true);
        counter.Byte(Command.MachineId);
        counter.Command(command, depth: 0);

        var bytes = new byte[counter.Position];
        var writer = new CommandWriter(bytes, counting: false);
        writer.Byte(Command.MachineId);
        writer.Command(command, depth: 0);
        Check.That(writer.Position == bytes.Length);
        return bytes;
    }

    /// <summary>Decodes a command; its byte strings are slices of <paramref name="bytes"/>.</summary>
    /// <exception cref="StateException">With <see cref="StateError.Malformed"/>: the bytes are not exactly one command. What was allocated is bounded by their number.</exception>
    public static Command Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CommandReader(bytes);
        if (reader.Byte() != Command.MachineId)
        {
            throw new StateException(StateError.Malformed, "The command is for another machine.");
        }

        Command command = reader.Command(depth: 0);
        reader.RequireEnd();
        return command;
    }

    /// <summary>Whether the bytes claim to be a put of this machine; what follows may still be malformed.</summary>
    internal static bool IsPut(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && bytes[0] == Command.MachineId && bytes[1] == (byte)CommandKind.Put;

    /// <summary>Whether the bytes claim to be a command under a session; what follows may still be malformed.</summary>
    internal static bool IsInSession(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && bytes[0] == Command.MachineId && bytes[1] == (byte)CommandKind.InSession;

    /// <summary>The fields of a command under a session, with the bytes of the command itself.</summary>
    /// <exception cref="StateException">They are malformed, or the command is.</exception>
    internal static SessionFields DecodeSession(ReadOnlyMemory<byte> bytes)
    {
        SessionFields fields = new CommandReader(bytes[2..]).Session();
        if (IsPut(fields.Command.Span))
        {
            DecodePut(fields.Command);
        }
        else
        {
            Decode(fields.Command);
        }

        return fields;
    }

    /// <summary>The fields of a put as spans over its bytes.</summary>
    /// <exception cref="StateException">It is malformed.</exception>
    internal static PutFields DecodePut(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CommandReader(bytes[2..]);
        PutFields put = reader.Put();
        reader.RequireEnd();
        return put;
    }
}
