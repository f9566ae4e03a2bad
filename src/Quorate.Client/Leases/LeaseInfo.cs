namespace Quorate.Client;

/// <summary>A lease as the server sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="Granted">What it was granted for.</param>
/// <param name="Keys">The keys that hang on it, if asked for.</param>
public sealed record LeaseInfo(long Id, TimeSpan Remaining, TimeSpan Granted, IReadOnlyList<ReadOnlyMemory<byte>> Keys);
