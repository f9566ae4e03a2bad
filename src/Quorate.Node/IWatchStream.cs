using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// One client's stream of watchers. Messages come in the order of <see cref="ReadAsync"/>; a reader that falls behind costs a
/// bounded amount of memory: its watchers are caught up from history when it reads again.
/// </summary>
public interface IWatchStream : IAsyncDisposable
{
    /// <summary>Creates a watcher under an id that is not in use on this stream; <see cref="WatchCreated"/> follows on the stream.</summary>
    /// <param name="watchId">Its id, chosen by the door.</param>
    /// <param name="request">What it sees.</param>
    void Create(long watchId, WatchRequest request);

    /// <summary>Ends a watcher; <see cref="WatchCanceled"/> follows, or nothing when there is none of this id.</summary>
    void Cancel(long watchId);

    /// <summary>Asks for a <see cref="WatchProgress"/> of the whole stream, id −1; nothing comes while a watcher is behind.</summary>
    void RequestProgress();

    /// <summary>Waits for messages and takes all there are (bounded).</summary>
    /// <returns><see langword="false"/> when the stream is over.</returns>
    ValueTask<bool> ReadAsync(List<WatchMessage> into, CancellationToken cancellationToken);
}
