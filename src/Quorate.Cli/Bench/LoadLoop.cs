using System.Diagnostics;
using System.Net.Sockets;
using Quorate.Cli.Bench.Http2;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Bench;

/// <summary>Drives all connections from one thread: waits for sockets, reads, lets the handler write, flushes.</summary>
internal sealed class LoadLoop : IDisposable
{
    private const int MostEvents = 256;

    private readonly int _poll = Poll.Create();
    private readonly Poll.Event[] _events = new Poll.Event[MostEvents];
    private readonly List<LoadConnection?> _connections = [];

    public static double TicksPerMicrosecond { get; } = Stopwatch.Frequency / 1_000_000.0;

    /// <exception cref="CliException">Nobody listens there.</exception>
    public LoadConnection Open(Uri endpoint, ILoadHandler handler)
    {
        _connections.Add(null);
        return Reopen(endpoint, _connections.Count - 1, handler);
    }

    /// <summary>Makes a connection anew under the number of one that broke.</summary>
    /// <exception cref="CliException">Nobody listens there.</exception>
    public LoadConnection Reopen(Uri endpoint, int index, ILoadHandler handler)
    {
        try
        {
            LoadConnection connection = LoadConnection.Open(endpoint, index, handler);
            _connections[index] = connection;
            Poll.Watch(_poll, connection.Descriptor, connection.Index, isNew: true, wantsToWrite: false);
            return connection;
        }
        catch (SocketException exception)
        {
            throw new CliException($"{endpoint} cannot be reached: {exception.Message}", ExitCode.Unreachable, exception);
        }
    }

    /// <summary>One round.</summary>
    /// <param name="timeoutUs">How long to wait for a socket.</param>
    /// <param name="failed">Hears of a connection that broke; it is gone then.</param>
    public void Turn(long timeoutUs, Action<LoadConnection, string> failed)
    {
        int ready = Poll.Wait(_poll, _events, timeoutUs);
        for (int at = 0; at < ready; at++)
        {
            if (_connections[(int)_events[at].Index] is LoadConnection connection)
            {
                Guard(connection, failed, (_events[at].Events & ~Poll.Writable) != 0);
            }
        }
    }

    /// <summary>Sends what was written outside of <see cref="Turn"/>.</summary>
    public void Flush(LoadConnection connection, Action<LoadConnection, string> failed) => Guard(connection, failed, isReadable: false);

    public void Dispose()
    {
        foreach (LoadConnection? connection in _connections)
        {
            connection?.Dispose();
        }

        _ = Serve.Native.Close(_poll);
    }

    private void Guard(LoadConnection connection, Action<LoadConnection, string> failed, bool isReadable)
    {
        try
        {
            if (isReadable && !connection.Receive())
            {
                throw new IOException($"{connection.Endpoint} closed the connection");
            }

            connection.Flush();
            if (connection.WantsToWrite != connection.IsWatchedForWriting)
            {
                connection.IsWatchedForWriting = connection.WantsToWrite;
                Poll.Watch(_poll, connection.Descriptor, connection.Index, isNew: false, connection.WantsToWrite);
            }
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            _connections[connection.Index] = null;
            connection.Dispose();
            failed(connection, exception.Message);
        }
    }
}
