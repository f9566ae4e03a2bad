namespace Quorate.State.Tests;

/// <summary>Commands over few keys and few leases, so that they meet often; some of them wrong.</summary>
internal sealed class RandomCommands(Chance chance)
{
    private static readonly string[] Keys = ["\0", "a", "a\0", "a\0\0b", "a\xff", "ab", "b", "b\x7f", "c", "\xff", "\xff\xff"];
    private static readonly string[] Ends = ["", "", "", "\0", "a", "ab", "b", "b\0", "\xff", "\xff\xff\xff"];

    public Command Next(ModelStore model) => chance.Below(100) switch
    {
        < 45 => Put(),
        < 55 => new DeleteRangeCommand(chance.OneIn(4) ? Range() : Machine.Key(Key()), chance.OneIn(2)),
        < 75 => Txn(depth: 0, model.Revision),
        < 80 => new CompactCommand(model.CompactRevision + chance.Below((int)(model.Revision - model.CompactRevision) + 2)),
        < 86 => new LeaseGrantCommand(LeaseId(), 1 + chance.Below(9)),
        < 89 => new LeaseRevokeCommand(LeaseId()),
        < 94 => new LeaseRefreshCommand(Enumerable.Range(0, chance.Below(3)).Select(_ => LeaseId()).ToList()),
        _ => new LeaseExpireCommand(Enumerable.Range(0, chance.Below(5)).Select(_ => LeaseId()).ToList()),
    };

    public RangeQuery Query(long revision)
    {
        return new RangeQuery(Range())
        {
            Revision = revision,
            Limit = chance.OneIn(2) ? chance.Below(4) : 0,
            SortOrder = chance.OneIn(2) ? (SortOrder)chance.Below(3) : SortOrder.None,
            SortTarget = chance.OneIn(2) ? (SortTarget)chance.Below(5) : SortTarget.Key,
            KeysOnly = chance.OneIn(4),
            CountOnly = chance.OneIn(8),
            MinModRevision = Bound(),
            MaxModRevision = Bound(),
            MinCreateRevision = Bound(),
            MaxCreateRevision = Bound(),
        };

        long Bound() => chance.OneIn(8) ? chance.Below(60) : 0;
    }

    /// <summary>A transaction without a write on any branch.</summary>
    public TxnCommand Reads(long revision, int depth = 0)
    {
        return new TxnCommand(Enumerable.Range(0, chance.Below(3)).Select(_ => Compare(revision)).ToList(), Branch(), Branch());

        List<Command> Branch() => Enumerable.Range(0, chance.Below(4)).Select<int, Command>(_ => depth < 3 && chance.OneIn(4)
            ? Reads(revision, depth + 1)
            : new RangeCommand(Query(chance.OneIn(3) ? revision + 1 - chance.Below(20) : 0))).ToList();
    }

    public KeyRange Range() => Machine.Span(Key(), chance.Of(Ends));

    public string Key() => chance.Of(Keys);

    private long LeaseId() => 1 + chance.Below(4);

    private PutCommand Put() => new(
        Machine.Bytes(Key()),
        Machine.Bytes(new string((char)('p' + chance.Below(4)), chance.Below(3))),
        chance.OneIn(3) ? LeaseId() : 0,
        chance.OneIn(3),
        chance.OneIn(8),
        chance.OneIn(8));

    private TxnCommand Txn(int depth, long revision) => new(
        Enumerable.Range(0, chance.Below(3)).Select(_ => Compare(revision)).ToList(),
        Operations(depth, revision),
        Operations(depth, revision));

    private List<Command> Operations(int depth, long revision) =>
        Enumerable.Range(0, chance.Below(4)).Select(_ => Operation(depth, revision)).ToList();

    private Command Operation(int depth, long revision) => chance.Below(10) switch
    {
        < 4 => Put(),
        < 6 => new DeleteRangeCommand(chance.OneIn(4) ? Range() : Machine.Key(Key()), chance.OneIn(2)),
        < 8 => new RangeCommand(Query(chance.OneIn(3) ? revision + 1 - chance.Below(20) : 0)),
        _ when depth < 3 => Txn(depth + 1, revision),
        _ => Put(),
    };

    private Compare Compare(long revision) => new(
        chance.OneIn(4) ? Range() : Machine.Key(Key()),
        (CompareTarget)chance.Below(5),
        (CompareResult)chance.Below(4),
        chance.OneIn(2) ? chance.Below(5) : chance.Below((int)revision + 2),
        Machine.Bytes(new string('q', chance.Below(3))));
}
