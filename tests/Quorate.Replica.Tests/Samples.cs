using System.Text;
using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica.Tests;

/// <summary>Small things that many tests need.</summary>
internal static class Samples
{
    public static readonly NodeId A = new(0xA1);
    public static readonly NodeId B = new(0xB2);
    public static readonly NodeId C = new(0xC3);

    public static Ballot Ballot(ulong round, NodeId? node = null) => new(1, round, node ?? A);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static Entry Entry(ulong index, ulong round, string payload = "x") =>
        new(index, Ballot(round), EntryKind.Command, Bytes(payload));

    /// <summary>The payload of commands.</summary>
    public static byte[] Stamp(long stampMs, ReadOnlySpan<byte> commands)
    {
        ByteWriter payload = new();
        EntryPayload.Stamp(payload, stampMs, commands);
        return payload.ToArray();
    }

    /// <summary>An entry as its record.</summary>
    public static byte[] Record(Entry entry) => RecordCodec.Encode(entry, new ByteWriter(), new RecordMemory(1), 1, out _).ToArray();

    public static byte[] Put(string key, string value, long lease = 0) =>
        CommandCodec.Encode(new PutCommand(Bytes(key), Bytes(value), lease));

    public static string? Get(StateVersion state, string key) =>
        state.Get(Bytes(key)) is { } found ? Text(found.Value) : null;

    public static Configuration Configuration(params NodeId[] ids) => new(
        1,
        ProtocolKind.Raft,
        [.. ids.Select(id => new Member(id, $"n{id}", $"{id}:1", $"http://{id}:2", MemberRole.Voter))],
        NodeId.None,
        StartsAfter: 0,
        FeatureLevel: 1);

    /// <summary>A state that has applied everything up to an index and holds one key.</summary>
    public static StateMachine Machine(ulong index, string value)
    {
        StateMachine machine = new(new OrderedMap(), new StateOptions());
        machine.BeginEntry(index, 0, FeatureLevel.Newest);
        machine.Apply(Put("k", value), wantResult: false);
        machine.EndEntry();
        machine.Publish();
        return machine;
    }

    /// <summary>The payload of an entry, read back.</summary>
    public static List<(RequestId Id, string Command)> Commands(ReadOnlyMemory<byte> payload, out long stampMs)
    {
        List<(RequestId, string)> commands = [];
        var reader = new EntryPayload.Reader(payload);
        while (reader.MoveNext())
        {
            commands.Add((reader.Id, Text(reader.Command)));
        }

        stampMs = reader.StampMs;
        return commands;
    }
}
