using Quorate.Replica;

namespace Quorate.Node;

/// <summary>Who is told what the log thread achieved; called on that thread.</summary>
internal interface ILogWorkerOwner
{
    /// <summary>Everything up to this position is on disk and flushed. The loop need not wake for it when nobody awaits it.</summary>
    void LogDurable(long position, bool isAwaited);

    /// <summary>Records were read back; none when they are gone.</summary>
    void LogRead(LogRead read, IReadOnlyList<ReadOnlyMemory<byte>> records);

    /// <summary>The disk has no space for the next segment, or has again.</summary>
    void LogSpace(bool isFull);

    /// <summary>The disk failed. The node must stop: nothing since the last success may be acknowledged.</summary>
    void LogFailed(Exception failure);
}
