namespace Quorate.State;

/// <summary>
/// What a log entry tells the keyspace to do. The encoding begins with <see cref="MachineId"/>, the byte that names the
/// machine.
/// </summary>
public abstract record Command
{
    /// <summary>The first byte of every command of the etcd keyspace.</summary>
    public const byte MachineId = 1;
}
