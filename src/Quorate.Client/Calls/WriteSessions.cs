using Quorate.Etcd.Contract;

namespace Quorate.Client.Calls;

/// <summary>
/// The sessions that writes go under (docs/sessions.md). The first write opens one; another is opened when the oldest write that is
/// under way has come so far behind that the window is used up, or when the cluster has forgotten the present one.
/// </summary>
internal sealed class WriteSessions
{
    private readonly Lock _gate = new();
    private WriteSession? _current;
    private Task? _opening;
    private bool _isUnsupported;

    /// <summary>A number for a write; <see langword="null"/> when the server knows no sessions.</summary>
    /// <param name="open">Asks for a session; once for all writes that wait.</param>
    /// <param name="cancellationToken">Stops waiting; the session is opened all the same.</param>
    /// <exception cref="QuorateException">No session could be opened.</exception>
    public async ValueTask<WriteTicket?> TakeAsync(Func<Task<SessionOpenResponse>> open, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task opening;
            lock (_gate)
            {
                WriteTicket? ticket = _current?.TryTake();
                if (ticket is not null || _isUnsupported)
                {
                    return ticket;
                }

                opening = _opening ??= OpenAsync(open);
            }

            await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The cluster has forgotten the session of this ticket: the next write opens another.</summary>
    public void Drop(WriteTicket ticket)
    {
        lock (_gate)
        {
            _current = _current == ticket.Session ? null : _current;
        }
    }

    private async Task OpenAsync(Func<Task<SessionOpenResponse>> open)
    {
        await Task.Yield();
        WriteSession? opened = null;
        bool isUnsupported = false;
        try
        {
            SessionOpenResponse response = await open().ConfigureAwait(false);
            opened = new WriteSession(response.Session, response.Window);
        }
        catch (QuorateException exception) when (exception.Error == QuorateError.Unimplemented)
        {
            isUnsupported = true;
        }
        finally
        {
            lock (_gate)
            {
                (_current, _opening, _isUnsupported) = (opened, null, isUnsupported);
            }
        }
    }
}
