using System.Globalization;
using System.Text;
using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>What kind of thing happened.</summary>
internal enum TraceKind : byte
{
    Deliver = 1,
    Tick,
    Flushed,
    Crash,
    Restart,
    Pause,
    Resume,
    Connect,
    Disconnect,
    Fault,
    Invoke,
    Answer,
    Refuse,
    Read,
    Lead,
    Watch,
    Snapshot,
    Phase,
}

/// <summary>
/// Everything that happened, as a hash over all of it and as the last few hundred events in words. Two runs of one seed that
/// differ anywhere differ in the hash.
/// </summary>
internal sealed class Trace
{
    private const int Kept = 4096;

    private readonly Item[] _last = new Item[Kept];

    /// <summary>The hash so far.</summary>
    public ulong Hash { get; private set; }

    /// <summary>How many events there were.</summary>
    public long Count { get; private set; }

    public void Note(long atUs, TraceKind kind, int node, int other = -1, ulong number = 0, object? detail = null)
    {
        ulong head = ((ulong)kind << 56) ^ ((ulong)(uint)node << 28) ^ (uint)other;
        Hash = Mix.Of(Mix.Of(Mix.Of(Hash, (ulong)atUs), head), number);
        _last[Count++ % Kept] = new Item(atUs, kind, node, other, number, detail);
    }

    /// <summary>The last events, one a line, without the ticks.</summary>
    public string Tell(int lines)
    {
        var told = new List<string>();
        for (long at = Count - 1; at >= 0 && at > Count - 1 - Kept && told.Count < lines; at--)
        {
            Item item = _last[at % Kept];
            if (item.Kind != TraceKind.Tick)
            {
                told.Add(Tell(item));
            }
        }

        told.Reverse();
        return string.Join('\n', told);
    }

    private static string Tell(in Item item)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{item.AtUs / 1_000_000,4}.{item.AtUs % 1_000_000:d6}  ");
        switch (item.Kind)
        {
            case TraceKind.Deliver:
                line.Append(CultureInfo.InvariantCulture, $"n{item.Other + 1} -> n{item.Node + 1}  {FrameText.Of((byte[])item.Detail!)}");
                break;
            case TraceKind.Connect or TraceKind.Disconnect:
                line.Append(CultureInfo.InvariantCulture, $"n{item.Node + 1} {item.Kind} n{item.Other + 1}");
                break;
            default:
                string who = item.Node >= 0 ? $"n{item.Node + 1} " : string.Empty;
                line.Append(CultureInfo.InvariantCulture, $"{who}{item.Kind} {item.Detail ?? item.Number}");
                break;
        }

        return line.ToString();
    }

    private readonly record struct Item(long AtUs, TraceKind Kind, int Node, int Other, ulong Number, object? Detail);
}

/// <summary>Frames in words.</summary>
internal static class FrameText
{
    public static string Of(byte[] frame)
    {
        var kind = (Replica.FrameKind)frame[0];
        if (kind != Replica.FrameKind.Protocol)
        {
            return $"{kind} ({frame.Length} bytes)";
        }

        try
        {
            ProtocolMessage message = RaftCodec.Decode(frame.AsMemory(1));
            return message is Append append
                ? $"Append r{append.Round} after ({append.PreviousIndex}, r{append.PreviousBallot.Round}) +{append.Entries.Length} decided {append.Decided}"
                : message.ToString()!;
        }
        catch (MalformedMessageException malformed)
        {
            return malformed.Message;
        }
    }
}
