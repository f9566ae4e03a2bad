namespace Quorate.State.Tests;

public class CodecTests
{
    public static TheoryData<Command> Commands => new((Command[])
    [
        Machine.PutOf("k", "v"),
        Machine.PutOf("k", "", lease: long.MaxValue) with { ReturnPrevious = true },
        Machine.PutOf("k", new string('v', 100_000), lease: -1) with { IgnoreValue = true, IgnoreLease = true },
        Machine.DeleteOf("a"),
        Machine.DeleteOf("a", "\0") with { ReturnPrevious = true },
        new CompactCommand(long.MaxValue),
        new LeaseGrantCommand(1, 2),
        new LeaseRevokeCommand(long.MinValue),
        new LeaseRefreshCommand([]),
        new LeaseExpireCommand([1, 127, 128, long.MaxValue]),
        new OpenSessionCommand(UInt128.MaxValue - 1),
        new SessionCommand(3, 1, 0, Machine.PutOf("k", "v", lease: 3)),
        new SessionCommand(UInt128.MaxValue, long.MaxValue, long.MaxValue - 1, Machine.TxnOf(Machine.DeleteOf("a"))),
        Machine.TxnOf(),
        new TxnCommand(
            [new Compare(Machine.Span("a", "b"), CompareTarget.Value, CompareResult.NotEqual, 0, Machine.Bytes("x"))],
            [Machine.PutOf("k"), Machine.DeleteOf("x"), Machine.TxnOf(Machine.PutOf("y"))],
            [new RangeCommand(new RangeQuery(Machine.Span("a", "b"))
            {
                Limit = 1,
                Revision = 2,
                MinModRevision = 3,
                MaxModRevision = 4,
                MinCreateRevision = 5,
                MaxCreateRevision = 6,
                KeysOnly = true,
                CountOnly = true,
                SortOrder = SortOrder.Descending,
                SortTarget = SortTarget.Value,
            })]),
    ]);

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_is_encoded_decodes_to_the_same(Command command)
    {
        byte[] bytes = CommandCodec.Encode(command);
        Assert.Equal(Command.MachineId, bytes[0]);
        Command decoded = CommandCodec.Decode(bytes);
        Assert.Equal(command.GetType(), decoded.GetType());
        Assert.Equal(Text(command), Text(decoded));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_that_is_cut_short_or_goes_on_is_malformed(Command command)
    {
        byte[] bytes = CommandCodec.Encode(command);
        foreach (int length in Enumerable.Range(0, Math.Min(bytes.Length, 200)))
        {
            AssertMalformed(bytes[..length]);
        }

        AssertMalformed([.. bytes, 0]);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_flipped_bit_gives_a_command_or_a_typed_failure_and_never_a_large_allocation(Command command)
    {
        byte[] bytes = CommandCodec.Encode(command);
        long bound = 4096 + (64 * bytes.Length);
        for (int bit = 0; bit < 8 * Math.Min(bytes.Length, 300); bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                CommandCodec.Decode(bytes);
            }
            catch (StateException refused)
            {
                Assert.Equal(StateError.Malformed, refused.Error);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bound);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Random_bytes_are_refused_or_applied_but_never_break_the_machine()
    {
        var machine = new Machine();
        var chance = new Chance(7);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var bytes = new byte[chance.Below(12)];
            for (int at = 0; at < bytes.Length; at++)
            {
                bytes[at] = (byte)(chance.OneIn(8) ? chance.Below(256) : chance.Below(5));
            }

            if (bytes.Length > 0 && !chance.OneIn(8))
            {
                bytes[0] = Command.MachineId;
            }

            machine.State.BeginEntry((ulong)i + 1, 0, FeatureLevel.Newest);
            accepted += machine.State.Apply(bytes, wantResult: true) is ErrorResult ? 0 : 1;
            machine.State.EndEntry();
        }

        machine.State.Publish();
        Assert.Equal(machine.Now.StateHash, machine.Now.ComputeStateHash());
        Assert.True(accepted > 100, $"Only {accepted} of the random commands were well-formed.");
    }

    [Fact]
    public void Bytes_for_another_machine_and_unknown_kinds_are_malformed()
    {
        AssertMalformed([]);
        AssertMalformed([Command.MachineId]);
        AssertMalformed([2, 1, 0, 1, 97, 0]);
        AssertMalformed([Command.MachineId, 99]);
        AssertMalformed([Command.MachineId, (byte)CommandKind.Put, 16, 1, 97, 0]);
        AssertMalformed([Command.MachineId, (byte)CommandKind.Put, 0, 0, 0]);
        AssertMalformed([Command.MachineId, (byte)CommandKind.Range, 1, 97, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        AssertMalformed([Command.MachineId, (byte)CommandKind.LeaseExpire, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
    }

    [Fact]
    public void Transactions_nest_to_the_bound_and_no_deeper()
    {
        TxnCommand txn = Machine.TxnOf(Machine.PutOf("deep"));
        for (int depth = 1; depth < TxnRules.MaxDepth; depth++)
        {
            txn = Machine.TxnOf(txn);
        }

        var machine = new Machine();
        Assert.Equal(StateError.None, TxnRules.Verify(txn));
        Assert.IsType<TxnResult>(machine.Do(txn));
        Assert.Equal("v", machine.ValueOf("deep"));

        TxnCommand tooDeep = Machine.TxnOf(txn);
        Assert.Equal(StateError.Malformed, TxnRules.Verify(tooDeep));
        Assert.Throws<ArgumentException>(() => CommandCodec.Encode(tooDeep));

        byte[] endless = [Command.MachineId, .. Enumerable.Repeat(new byte[] { (byte)CommandKind.Txn, 0, 1 }, 100_000).SelectMany(level => level)];
        AssertMalformed(endless);
    }

    [Fact]
    public void What_cannot_stand_alone_or_inside_a_transaction_cannot_be_encoded_there()
    {
        Assert.Throws<ArgumentException>(() => CommandCodec.Encode(Machine.RangeOf("a")));
        Assert.Throws<ArgumentException>(() => CommandCodec.Encode(Machine.TxnOf(new CompactCommand(1))));
        Assert.Equal(StateError.Malformed, TxnRules.Verify(Machine.TxnOf(new LeaseGrantCommand(1, 1))));
        AssertMalformed([Command.MachineId, (byte)CommandKind.Txn, 0, 1, (byte)CommandKind.Compact, 1, 0, 0]);
    }

    private static void AssertMalformed(byte[] bytes)
    {
        Assert.Equal(StateError.Malformed, Assert.Throws<StateException>(() => CommandCodec.Decode(bytes)).Error);
        var machine = new Machine();
        Assert.Equal(StateError.Malformed, Assert.IsType<ErrorResult>(machine.DoBytes(bytes)).Error);
        Assert.Equal(1, machine.Now.Revision);
    }

    private static string Text(Command command) => command switch
    {
        PutCommand put => $"put {Machine.Text(put.Key)}={Machine.Text(put.Value)} {put.Lease} {put.ReturnPrevious} {put.IgnoreValue} {put.IgnoreLease}",
        DeleteRangeCommand delete => $"delete {Text(delete.Range)} {delete.ReturnPrevious}",
        RangeCommand range => $"range {Text(range.Query.Range)} {range.Query with { Range = default }}",
        TxnCommand txn => $"if {string.Join(';', txn.Compares.Select(Text))} then {string.Join(';', txn.Success.Select(Text))} else {string.Join(';', txn.Failure.Select(Text))}",
        LeaseRefreshCommand refresh => string.Join(' ', refresh.Ids),
        LeaseExpireCommand expire => string.Join(' ', expire.Ids),
        _ => command.ToString(),
    };

    private static string Text(Compare compare) =>
        $"{Text(compare.Range)} {compare.Target} {compare.Result} {compare.Number} {Machine.Text(compare.Value)}";

    private static string Text(KeyRange range) => $"[{Machine.Text(range.Key)},{Machine.Text(range.End)})";
}
