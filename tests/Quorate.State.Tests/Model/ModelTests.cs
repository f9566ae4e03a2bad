using Quorate.Storage;

namespace Quorate.State.Tests;

/// <summary>The real keyspace beside the plain one, command by command, under many seeds.</summary>
public class ModelTests
{
    private const int Steps = 150;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 120));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_answer_event_and_read_is_that_of_the_plain_model(int seed)
    {
        var chance = new Chance((ulong)seed);
        var commands = new RandomCommands(chance);
        var options = new StateOptions { SweepPerEntry = chance.Below(4), SweepPerCommand = chance.Below(3) };
        var machine = new Machine(options);
        var model = new ModelStore();
        for (int step = 0; step < Steps; step++)
        {
            machine.TimeMs = model.TimeMs += chance.Below(1500);
            Command command = commands.Next(model);
            long before = model.Revision;
            machine.Seen.Clear();

            Assert.Equal(Describe.Result(model.Apply(command)), Describe.Result(machine.Do(command)));

            Assert.Equal((model.Revision, model.CompactRevision), (machine.Now.Revision, machine.Now.CompactRevision));
            Assert.Equal(Describe.History(model.History(Machine.Everything, before + 1)), Describe.History(machine.Seen));
            CompareReads(chance, commands, machine.Now, model);
            CompareHistory(chance, commands, machine.Now, model);
            CompareLeases(machine, model);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_state_is_the_same_however_it_is_batched_and_from_whatever_snapshot_it_goes_on(int seed)
    {
        var chance = new Chance((ulong)seed ^ 0xABCDEF);
        var commands = new RandomCommands(chance);
        var options = new StateOptions { SweepPerEntry = 1, SweepPerCommand = 1 };
        var one = new StateMachine(new OrderedMap(), options);
        var other = new StateMachine(new OrderedMap(), options);
        var model = new ModelStore();
        long timeMs = 0;
        ulong index = 0;
        for (int step = 0; step < Steps; step++)
        {
            index += 1 + (ulong)chance.Below(2);
            timeMs = model.TimeMs = Math.Max(model.TimeMs, timeMs + chance.Below(2500) - 500);
            int count = chance.Below(4);
            one.BeginEntry(index, timeMs, FeatureLevel.Newest);
            other.BeginEntry(index, timeMs, FeatureLevel.Newest);
            for (int i = 0; i < count; i++)
            {
                Command command = commands.Next(model);
                model.Apply(command);
                byte[] bytes = chance.OneIn(20) ? Garbled(chance, CommandCodec.Encode(command)) : CommandCodec.Encode(command);
                one.Apply(bytes, wantResult: false);
                other.Apply(bytes, wantResult: true);
            }

            one.EndEntry();
            other.EndEntry();
            one.Publish();
            if (chance.OneIn(10))
            {
                other.Publish();
                Assert.Equal(one.Current.StateHash, other.Current.StateHash);
                other = StateMachine.Restore(Maps.LoadedFrom(other.Current.Map), options);
                Assert.Equal(one.Current.StateHash, other.Current.StateHash);
            }

            Assert.Equal(one.Current.StateHash, one.Current.ComputeStateHash());
        }

        other.Publish();
        Assert.Equal(one.Current.StateHash, other.Current.StateHash);
        Assert.Equal(one.Current.LogicalBytes, other.Current.LogicalBytes);
        Assert.Equal(one.HasLeases, other.HasLeases);
        Assert.Equal(one.Current.HashKeyspace(0), other.Current.HashKeyspace(0));
        Assert.Equal(ExpiredOf(one), ExpiredOf(other));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_transaction_that_only_reads_says_the_same_without_being_applied(int seed)
    {
        var chance = new Chance((ulong)seed ^ 0x5EAD);
        var commands = new RandomCommands(chance);
        var machine = new Machine();
        var model = new ModelStore();
        for (int step = 0; step < Steps; step++)
        {
            Command command = commands.Next(model);
            model.Apply(command);
            machine.Do(command);
            TxnCommand reads = commands.Reads(machine.Now.Revision);
            StateVersion before = machine.Now;
            Assert.True(TxnRules.IsReadOnly(reads));
            Assert.Equal(Describe.Result(machine.Do(reads)), Describe.Result(ReadOf(before, reads)));
            Assert.Equal(before.Revision, machine.Now.Revision);
        }
    }

    [Fact]
    public void The_random_commands_bring_about_every_kind_of_outcome()
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var commands = new RandomCommands(new Chance(seed));
            var model = new ModelStore();
            for (int step = 0; step < Steps; step++)
            {
                model.TimeMs += 700;
                long before = model.Revision;
                Command command = commands.Next(model);
                CommandResult result = model.Apply(command);
                string outcome = result switch
                {
                    ErrorResult error => error.Error.ToString(),
                    TxnResult txn => txn.Succeeded ? "success" : "failure",
                    _ => "done",
                };
                seen.Add($"{command.GetType().Name} {outcome} {(model.Revision > before ? "wrote" : "wrote nothing")}");
            }
        }

        Assert.Equal(
            [
                "CompactCommand Compacted wrote nothing",
                "CompactCommand FutureRevision wrote nothing",
                "CompactCommand done wrote nothing",
                "DeleteRangeCommand done wrote",
                "DeleteRangeCommand done wrote nothing",
                "LeaseExpireCommand done wrote",
                "LeaseExpireCommand done wrote nothing",
                "LeaseGrantCommand LeaseExists wrote nothing",
                "LeaseGrantCommand done wrote nothing",
                "LeaseRefreshCommand done wrote nothing",
                "LeaseRevokeCommand LeaseNotFound wrote nothing",
                "LeaseRevokeCommand done wrote",
                "LeaseRevokeCommand done wrote nothing",
                "PutCommand KeyNotFound wrote nothing",
                "PutCommand LeaseNotFound wrote nothing",
                "PutCommand done wrote",
                "TxnCommand Compacted wrote nothing",
                "TxnCommand DuplicateKey wrote nothing",
                "TxnCommand FutureRevision wrote nothing",
                "TxnCommand KeyNotFound wrote nothing",
                "TxnCommand LeaseNotFound wrote nothing",
                "TxnCommand failure wrote",
                "TxnCommand failure wrote nothing",
                "TxnCommand success wrote",
                "TxnCommand success wrote nothing",
            ],
            seen);
    }

    private static byte[] Garbled(Chance chance, byte[] bytes)
    {
        bytes[chance.Below(bytes.Length)] ^= (byte)(1 << chance.Below(8));
        return bytes;
    }

    private static List<long> ExpiredOf(StateMachine machine)
    {
        var expired = new List<long>();
        machine.CollectExpired(long.MaxValue, int.MaxValue, expired);
        return expired;
    }

    private static void CompareReads(Chance chance, RandomCommands commands, StateVersion now, ModelStore model)
    {
        long revision = chance.Below((int)model.Revision + 2);
        RangeQuery query = commands.Query(revision);
        StateError expected = revision > model.Revision ? StateError.FutureRevision
            : revision > 0 && revision < model.CompactRevision ? StateError.Compacted
            : StateError.None;
        if (expected != StateError.None)
        {
            Assert.Equal(expected, Assert.Throws<StateException>(() => now.Range(query)).Error);
            Assert.Equal(expected, Assert.Throws<StateException>(() => now.Scan(query.Range, revision)).Error);
            return;
        }

        long at = revision == 0 ? model.Revision : revision;
        Assert.Equal(Describe.Result(model.Range(query, at)), Describe.Result(now.Range(query)));
        Assert.Equal(
            model.Range(new RangeQuery(query.Range), at).KeyValues.Select(Describe.KeyValue),
            now.Scan(query.Range, revision).Select(Describe.KeyValue));

        string key = commands.Key();
        SortedDictionary<string, KeyValue> state = model.StateAt(model.Revision);
        Assert.Equal(Describe.KeyValue(state.GetValueOrDefault(key)), Describe.KeyValue(now.Get(Machine.Bytes(key))));
        Assert.Equal(state.Count, now.KeyCount);
    }

    private static void CompareHistory(Chance chance, RandomCommands commands, StateVersion now, ModelStore model)
    {
        KeyRange range = chance.OneIn(3) ? Machine.Everything : commands.Range();
        long from = chance.Below((int)model.Revision + 2);
        int maxRevisions = 1 + chance.Below(10);
        var history = new List<RevisionEvents>();
        if (from < model.CompactRevision)
        {
            Assert.Equal(StateError.Compacted, Assert.Throws<StateException>(() => now.ReadHistory(range, from, maxRevisions, history)).Error);
            return;
        }

        long next = from;
        while (next <= model.Revision)
        {
            int delivered = history.Count;
            long goOn = now.ReadHistory(range, next, maxRevisions, history);
            Assert.InRange(history.Count - delivered, 0, maxRevisions);
            Assert.True(goOn > next);
            next = goOn;
        }

        Assert.Equal(model.Revision + 1, next);
        Assert.Equal(Describe.History(model.History(range, from)), Describe.History(history));
    }

    private static void CompareLeases(Machine machine, ModelStore model)
    {
        Assert.Equal(model.Leases, machine.Now.Leases());
        Assert.Equal(model.Leases.Any(), machine.State.HasLeases);
        foreach (long id in model.Leases)
        {
            LeaseInfo found = machine.Now.FindLease(id)!;
            Assert.Equal(model.Lease(id), (found.TtlSeconds, found.DeadlineMs));
            Assert.Equal(
                model.StateAt(model.Revision).Values.Where(attached => attached.Lease == id).Select(attached => Machine.Text(attached.Key)),
                machine.Now.LeaseKeys(id).Select(Machine.Text));
        }

        var expired = new List<long>();
        machine.State.CollectExpired(model.TimeMs, int.MaxValue, expired);
        Assert.Equal(model.Expired(), expired);
    }

    private static CommandResult ReadOf(StateVersion version, TxnCommand reads)
    {
        try
        {
            return version.Read(reads);
        }
        catch (StateException refused)
        {
            return new ErrorResult(version.Revision, refused.Error);
        }
    }
}
