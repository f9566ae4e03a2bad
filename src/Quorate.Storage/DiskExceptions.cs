namespace Quorate.Storage;

/// <summary>There is no space on the disk.</summary>
public sealed class DiskFullException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The disk failed a write or a flush: the node must stop, and must not retry (DESIGN §5).</summary>
public sealed class DiskFailedException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Bytes below the durable mark are not what was written: corruption, not a torn write.</summary>
public sealed class CorruptionException(string message) : IOException(message);
