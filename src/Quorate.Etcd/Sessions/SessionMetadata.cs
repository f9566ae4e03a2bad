using System.Globalization;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>The metadata that puts a write under a session.</summary>
internal static class SessionMetadata
{
    private const int IdDigits = 32;

    public static string TextOf(UInt128 id) => id.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>The command as its client wants it applied: under a session if the call names one.</summary>
    /// <exception cref="RpcException">The metadata cannot be understood; a write that was meant to take effect once never goes without.</exception>
    public static Command Wrap(Command command, ServerCall call)
    {
        if (call.Metadata(QuorateMethods.SessionHeader) is not { } session)
        {
            return command;
        }

        bool isId = UInt128.TryParse(session, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 id);
        if (!isId || session.Length != IdDigits)
        {
            throw EtcdErrors.BadSession(QuorateMethods.SessionHeader);
        }

        long acknowledged = Number(call, QuorateMethods.AcknowledgedHeader) ?? 0;
        return Number(call, QuorateMethods.SequenceHeader) is { } sequence && sequence > acknowledged
            ? new SessionCommand(id, sequence, acknowledged, command)
            : throw EtcdErrors.BadSession(QuorateMethods.SequenceHeader);
    }

    private static long? Number(ServerCall call, string name)
    {
        if (call.Metadata(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw EtcdErrors.BadSession(name);
    }
}
