namespace Quorate.Etcd;

/// <summary>What the door itself must remember of a watcher.</summary>
/// <param name="WithPrevious">Its events carry what was there before.</param>
/// <param name="Fragment">A large message may come in pieces.</param>
internal readonly record struct WatcherInfo(bool WithPrevious, bool Fragment);
