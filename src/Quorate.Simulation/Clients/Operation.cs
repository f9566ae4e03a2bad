using System.Text;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>One thing a client asks for, from the question to the answer.</summary>
internal sealed class Operation
{
    private byte[]? _bytes;

    public required ulong Token { get; init; }

    public required IClient Client { get; init; }

    /// <summary>The command; <see langword="null"/> for a read.</summary>
    public Command? Command { get; init; }

    /// <summary>The prefix that is read.</summary>
    public string? Read { get; init; }

    public long ReadRevision { get; init; }

    public bool IsRead => Command is null;

    public byte[] Bytes => _bytes ??= CommandCodec.Encode(Command!);

    /// <summary>The write that this is an attempt at, under a session; <see langword="null"/> for what is attempted once.</summary>
    public object? Write { get; init; }

    public long InvokedAtUs { get; set; }

    /// <summary>What was decided anywhere when the client asked.</summary>
    public ulong DecidedBefore { get; set; }

    /// <summary>Its name in the log, once a node has taken it.</summary>
    public RequestId Id { get; set; }

    /// <summary>The node that took it.</summary>
    public SimulatedNode? Node { get; set; }

    public bool IsOver { get; set; }

    /// <summary>Its client was told that it never took effect and never will.</summary>
    public bool IsRefused { get; set; }

    public string Text => Command switch
    {
        null => $"read {Read}* at {ReadRevision}",
        PutCommand put => $"put {TextOf(put.Key)}={TextOf(put.Value)}",
        DeleteRangeCommand delete => $"delete {TextOf(delete.Range.Key)}",
        SessionCommand session => $"{session.Sequence} of session {session.Session:x} ({session.Inner.GetType().Name})",
        TxnCommand txn => $"txn with {txn.Compares.Count} compares",
        _ => Command.ToString(),
    };

    public override string ToString() => Text;

    public static byte[] BytesOf(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The range of all keys with a prefix, which must not end in the highest byte.</summary>
    public static KeyRange PrefixRange(string prefix)
    {
        byte[] end = BytesOf(prefix);
        end[^1]++;
        return new KeyRange(BytesOf(prefix), end);
    }

    private static string TextOf(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);
}
