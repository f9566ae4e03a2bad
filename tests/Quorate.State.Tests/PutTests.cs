namespace Quorate.State.Tests;

public class PutTests
{
    private readonly Machine _machine = new();

    [Fact]
    public void An_empty_store_has_revision_1_and_the_first_write_makes_it_2()
    {
        Assert.Equal(1, _machine.Now.Revision);
        Assert.Equal(2, _machine.Put("a"));
        Assert.Equal(2, _machine.Now.Revision);
    }

    [Fact]
    public void A_key_counts_its_versions_within_a_generation()
    {
        _machine.Put("a", "1");
        _machine.Put("a", "2");
        _machine.Put("b");
        KeyValue found = _machine.Now.Get(Machine.Bytes("a"))!;
        Assert.Equal("2", Machine.Text(found.Value));
        Assert.Equal((2, 3, 2), (found.CreateRevision, found.ModRevision, found.Version));

        _machine.Delete("a");
        _machine.Put("a", "3");
        found = _machine.Now.Get(Machine.Bytes("a"))!;
        Assert.Equal((6, 6, 1), (found.CreateRevision, found.ModRevision, found.Version));
    }

    [Fact]
    public void Old_revisions_stay_readable()
    {
        _machine.Put("a", "1");
        _machine.Put("a", "2");
        _machine.Delete("a");
        _machine.Put("a", "3");
        Assert.Equal([null, "1", "2", null, "3"], Enumerable.Range(1, 5).Select(revision => _machine.ValueOf("a", revision)));
    }

    [Fact]
    public void A_deletion_that_finds_nothing_makes_no_revision()
    {
        _machine.Put("a");
        DeleteRangeResult result = _machine.Delete("b", "z");
        Assert.Equal((0, 2), (result.Deleted, result.Revision));
        Assert.Equal(2, _machine.Now.Revision);
    }

    [Fact]
    public void The_previous_version_is_returned_to_those_who_ask()
    {
        _machine.Put("a", "1");
        var put = Assert.IsType<PutResult>(_machine.Do(Machine.PutOf("a", "2") with { ReturnPrevious = true }));
        Assert.Equal("1", Machine.Text(put.Previous!.Value));
        put = Assert.IsType<PutResult>(_machine.Do(Machine.PutOf("a", "3")));
        Assert.Null(put.Previous);
        var delete = Assert.IsType<DeleteRangeResult>(_machine.Do(Machine.DeleteOf("a") with { ReturnPrevious = true }));
        Assert.Equal("3", Machine.Text(Assert.Single(delete.Previous).Value));
    }

    [Fact]
    public void Ignoring_value_or_lease_keeps_what_the_key_has_and_needs_the_key()
    {
        _machine.Grant(7, 60);
        Assert.Equal(StateError.KeyNotFound, _machine.ErrorOf(Machine.PutOf("a") with { IgnoreValue = true }));
        Assert.Equal(StateError.KeyNotFound, _machine.ErrorOf(Machine.PutOf("a") with { IgnoreLease = true }));
        _machine.Put("a", "1", lease: 7);
        _machine.Do(Machine.PutOf("a", "") with { IgnoreValue = true, Lease = 7 });
        Assert.Equal("1", _machine.ValueOf("a"));
        _machine.Do(Machine.PutOf("a", "2") with { IgnoreLease = true });
        Assert.Equal(7, _machine.Now.Get(Machine.Bytes("a"))!.Lease);
        _machine.Delete("a");
        Assert.Equal(StateError.KeyNotFound, _machine.ErrorOf(Machine.PutOf("a") with { IgnoreValue = true }));
    }

    [Theory]
    [InlineData("a", "a\0", "a\0\0", "a\0\x01", "a\x01", "ab", "a\xff", "b")]
    [InlineData("\0", "\0\0", "\0\xff", "\x01", "\x7f", "\x80", "\xff", "\xff\0", "\xff\xff")]
    public void Keys_of_any_bytes_keep_their_order_and_their_own_versions(params string[] keys)
    {
        foreach (string key in keys.Reverse())
        {
            _machine.Put(key, "old " + key);
        }

        foreach (string key in keys)
        {
            _machine.Put(key, "new " + key);
        }

        Assert.Equal(keys, _machine.Now.Range(new RangeQuery(Machine.Everything)).KeyValues.Select(found => Machine.Text(found.Key)));
        foreach (string key in keys)
        {
            Assert.Equal("new " + key, _machine.ValueOf(key));
            Assert.Equal("old " + key, _machine.ValueOf(key, revision: keys.Length + 1));
        }

        for (int first = 0; first < keys.Length; first++)
        {
            for (int end = first + 1; end < keys.Length; end++)
            {
                Assert.Equal(string.Join(' ', keys[first..end]), _machine.KeysOf(Machine.Span(keys[first], keys[end])));
            }
        }
    }

    [Fact]
    public void A_key_with_very_many_versions_does_not_hide_its_neighbours()
    {
        _machine.Put("a");
        _machine.Put("c");
        for (int i = 0; i < 50; i++)
        {
            _machine.Put("b", i.ToString());
        }

        Assert.Equal("a b c", _machine.KeysOf(Machine.Everything));
        Assert.Equal("a b c", _machine.KeysOf(Machine.Everything, revision: 4));
        Assert.Equal("a c", _machine.KeysOf(Machine.Everything, revision: 3));
        Assert.Equal("0", _machine.ValueOf("b", revision: 4));
        Assert.Equal("20", _machine.ValueOf("b", revision: 24));
    }
}
