using System.Globalization;
using Quorate.Etcd.Contract;

namespace Quorate.Client.Calls;

/// <summary>The number of one write in its session. Once disposed, the write is over: it is never sent again.</summary>
internal sealed class WriteTicket(WriteSession session, long sequence) : IDisposable
{
    public WriteSession Session { get; } = session;

    /// <summary>The metadata of an attempt.</summary>
    public KeyValuePair<string, string>[] Headers() =>
    [
        new(QuorateMethods.SessionHeader, Session.Id),
        new(QuorateMethods.SequenceHeader, Text(sequence)),
        new(QuorateMethods.AcknowledgedHeader, Text(Session.Acknowledged)),
    ];

    public void Dispose() => Session.Finish(sequence);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
