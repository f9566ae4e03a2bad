namespace Quorate.State.Tests;

/// <summary>A client of one stream that takes messages when told to, and remembers everything it was pushed.</summary>
internal sealed class WatchConsumer : IWatchSink
{
    private readonly Queue<int> _unread = new();

    public int Stream { get; set; }

    public List<WatchMessage> Messages { get; } = [];

    public long UnreadBytes { get; private set; }

    public long LargestMessageBytes { get; private set; }

    public long MostUnreadBytes { get; private set; }

    public void Push(WatchMessage message, int bytes)
    {
        Messages.Add(message);
        _unread.Enqueue(bytes);
        UnreadBytes += bytes;
        MostUnreadBytes = Math.Max(MostUnreadBytes, UnreadBytes);
        LargestMessageBytes = Math.Max(LargestMessageBytes, bytes);
    }

    /// <summary>Takes up to so many messages and tells the hub.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Read(WatchHub hub, int messages = int.MaxValue)
    {
        long bytes = 0;
        int taken = 0;
        for (; taken < messages && _unread.TryDequeue(out int size); taken++)
        {
            bytes += size;
        }

        UnreadBytes -= bytes;
        hub.Consumed(Stream, bytes);
        return taken > 0;
    }

    public IEnumerable<T> Of<T>(long watchId) where T : WatchMessage => Messages.OfType<T>().Where(message => message.WatchId == watchId);

    /// <summary>"key@revision" of every event a watcher got.</summary>
    public string Seen(long watchId) => string.Join(' ', Of<WatchEvents>(watchId).SelectMany(message => message.Events)
        .Select(change => $"{(change.IsDelete ? "-" : "")}{WatchWorld.Text(change.Current.Key)}@{change.Current.ModRevision}"));
}
