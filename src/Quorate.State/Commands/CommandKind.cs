namespace Quorate.State;

/// <summary>The byte that names a command in its encoding. Numbers are never reused.</summary>
internal enum CommandKind : byte
{
    Put = 1,
    DeleteRange = 2,
    Range = 3,
    Txn = 4,
    Compact = 5,
    LeaseGrant = 6,
    LeaseRevoke = 7,
    LeaseRefresh = 8,
    LeaseExpire = 9,
    InSession = 10,
    OpenSession = 11,
}

/// <summary>The bits of a put's second byte.</summary>
[Flags]
internal enum PutFlags : byte
{
    None = 0,
    Lease = 1,
    ReturnPrevious = 2,
    IgnoreValue = 4,
    IgnoreLease = 8,
    All = Lease | ReturnPrevious | IgnoreValue | IgnoreLease,
}
