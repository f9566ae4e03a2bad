namespace Quorate.State;

/// <summary>Where a stream's messages go. The consumer behind it lives on another thread; what it has taken comes back by <see cref="WatchHub.Consumed"/>.</summary>
public interface IWatchSink
{
    /// <summary>Takes the next message of the stream. Must not block, throw or call back into the hub.</summary>
    /// <param name="message">The message; the order of the calls is the order on the stream.</param>
    /// <param name="bytes">What it counts for in flow control: the sum handed to <see cref="WatchHub.Consumed"/> later.</param>
    void Push(WatchMessage message, int bytes);
}
