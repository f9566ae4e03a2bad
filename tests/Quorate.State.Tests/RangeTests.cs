namespace Quorate.State.Tests;

public class RangeTests
{
    private readonly Machine _machine = new();

    public RangeTests()
    {
        // Revisions: b 2 then 6, a 3, d 4, c 5.
        _machine.Put("b", "3");
        _machine.Put("a", "2");
        _machine.Put("d", "1");
        _machine.Put("c", "4");
        _machine.Put("b", "0");
    }

    [Theory]
    [InlineData(SortTarget.Key, SortOrder.None, "a b c d")]
    [InlineData(SortTarget.Key, SortOrder.Ascending, "a b c d")]
    [InlineData(SortTarget.Key, SortOrder.Descending, "d c b a")]
    [InlineData(SortTarget.Create, SortOrder.Ascending, "b a d c")]
    [InlineData(SortTarget.Create, SortOrder.None, "b a d c")]
    [InlineData(SortTarget.Create, SortOrder.Descending, "c d a b")]
    [InlineData(SortTarget.Mod, SortOrder.Ascending, "a d c b")]
    [InlineData(SortTarget.Version, SortOrder.Ascending, "a c d b")]
    [InlineData(SortTarget.Version, SortOrder.Descending, "b a c d")]
    [InlineData(SortTarget.Value, SortOrder.None, "b d a c")]
    public void A_range_is_sorted_by_any_target_in_any_direction(SortTarget target, SortOrder order, string keys)
    {
        var query = new RangeQuery(Machine.Everything) { SortTarget = target, SortOrder = order };
        Assert.Equal(keys, _machine.KeysOf(query));
        Assert.Equal(keys[..3], _machine.KeysOf(query with { Limit = 2 }));
        Assert.Equal(keys, _machine.KeysOf(query with { Limit = long.MaxValue }));
    }

    [Fact]
    public void Count_is_taken_before_filters_and_limit()
    {
        var query = new RangeQuery(Machine.Everything) { MinModRevision = 4, Limit = 2 };
        RangeResult result = _machine.Now.Range(query);
        Assert.Equal("range at 6: b=0(c2 m6 v2 l0) c=4(c5 m5 v1 l0) more True count 4", Describe.Result(result));
        Assert.False(_machine.Now.Range(query with { Limit = 3 }).More);
        Assert.Equal("range at 6:  more False count 4", Describe.Result(_machine.Now.Range(query with { CountOnly = true })));
        Assert.Equal("a d", _machine.KeysOf(new RangeQuery(Machine.Everything) { MinCreateRevision = 3, MaxCreateRevision = 4 }));
        Assert.Equal("a d c", _machine.KeysOf(new RangeQuery(Machine.Everything) { MaxModRevision = 5, SortTarget = SortTarget.Mod }));
    }

    [Fact]
    public void Ranges_end_where_etcd_ends_them()
    {
        Assert.Equal("b", _machine.KeysOf(Machine.Key("b")));
        Assert.Equal("b c", _machine.KeysOf(Machine.Span("b", "d")));
        Assert.Equal("b c d", _machine.KeysOf(Machine.Span("b", "\0")));
        Assert.Equal("", _machine.KeysOf(Machine.Span("c", "b")));
        Assert.Equal("", _machine.KeysOf(Machine.Span("c", "c")));
        Assert.Equal("", _machine.KeysOf(Machine.Key("ab")));
    }

    [Fact]
    public void A_range_of_keys_alone_has_no_values_even_when_sorted_by_them()
    {
        var query = new RangeQuery(Machine.Everything) { KeysOnly = true, SortTarget = SortTarget.Value, Limit = 2 };
        RangeResult result = _machine.Now.Range(query);
        Assert.Equal("b d", _machine.KeysOf(query));
        Assert.All(result.KeyValues, found => Assert.True(found.Value.IsEmpty));
    }

    [Fact]
    public void The_answer_names_the_current_revision_whatever_revision_was_read()
    {
        RangeResult result = _machine.Now.Range(new RangeQuery(Machine.Everything) { Revision = 3 });
        Assert.Equal((6, 2), (result.Revision, result.Count));
    }

    [Fact]
    public void A_held_version_does_not_change()
    {
        StateVersion held = _machine.Now;
        UInt128 hash = held.StateHash;
        _machine.Delete("a", "z");
        _machine.Compact(7);
        Assert.Equal(4, held.Range(new RangeQuery(Machine.Everything)).Count);
        Assert.Equal(hash, held.ComputeStateHash());
        Assert.Equal(0, _machine.Now.KeyCount);
    }

    [Fact]
    public void A_sorted_range_with_a_small_limit_is_right_among_many_keys()
    {
        for (int i = 0; i < 1000; i++)
        {
            _machine.Put($"many/{(i * 37) % 1000:d4}", $"{i:d4}");
        }

        var query = new RangeQuery(Machine.Span("many/", "many0")) { Limit = 3, SortTarget = SortTarget.Value, SortOrder = SortOrder.Descending };
        RangeResult result = _machine.Now.Range(query);
        Assert.Equal(["0999", "0998", "0997"], result.KeyValues.Select(found => Machine.Text(found.Value)));
        Assert.Equal((true, 1000), (result.More, result.Count));
    }
}
