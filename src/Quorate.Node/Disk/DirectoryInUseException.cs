namespace Quorate.Node;

/// <summary>Another process holds the data directory.</summary>
/// <param name="directory">The directory.</param>
/// <param name="inner">What the system said.</param>
public sealed class DirectoryInUseException(string directory, Exception inner)
    : IOException($"The data directory {directory} is in use by another process. Stop it, or give this node another --data-dir.", inner);
