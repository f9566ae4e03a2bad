using Quorate.Storage;

namespace Quorate.State.Tests;

public class HashTests
{
    private readonly Machine _machine = new();

    /// <summary>The numbers were read off etcd 3.4.23 with <c>etcdctl endpoint hashkv</c> after the same commands.</summary>
    [Fact]
    public void HashKV_is_the_number_that_etcd_gives()
    {
        Assert.Equal(1084519789u, HashKv());
        _machine.Put("a", "1");
        _machine.Put("b", "");
        Assert.Equal(2496657716u, HashKv());
        _machine.Put("a", "2");
        _machine.Delete("b");
        _machine.Put("b", "3");
        Assert.Equal(458887757u, HashKv());
        Assert.Equal(2496657716u, HashKv(3));
        _machine.Compact(3);
        Assert.Equal(3032450473u, HashKv());
        Assert.Equal(695867926u, HashKv(4));
        _machine.Compact(5);
        Assert.Equal(3051472u, HashKv());
        _machine.Put("a", "z");
        Assert.Equal(337685716u, HashKv());
        _machine.Delete("a");
        Assert.Equal(2963907928u, HashKv());
        _machine.Put("e", "1");
        _machine.Put("e", "2");
        Assert.Equal(2060134081u, HashKv());
        Assert.Equal(new KeyspaceHash(2060134081u, 5, 10), _machine.Now.HashKeyspace(0));
    }

    [Fact]
    public void HashKV_is_the_number_that_etcd_gives_with_leases_and_several_operations_in_a_revision()
    {
        const long lease = 1353509801026234887;
        _machine.Put("a", "1");
        _machine.Put("b", "x");
        _machine.Grant(lease, 600);
        Assert.Equal(1182264658u, HashKv());
        _machine.Put("l", "1", lease);
        Assert.Equal(3269298181u, HashKv());
        _machine.Compact(1);
        Assert.Equal(3269298181u, HashKv());
        _machine.Delete("a");
        _machine.Put("a", "1");
        Assert.Equal(337448708u, HashKv());
        _machine.Do(new LeaseRevokeCommand(lease));
        Assert.Equal(607764813u, HashKv());
        _machine.Txn(Machine.DeleteOf("a", "z"), Machine.DeleteOf("b"));
        Assert.Equal(2931520035u, HashKv());
    }

    [Fact]
    public void HashKV_refuses_revisions_that_cannot_be_read()
    {
        for (int i = 0; i < 5; i++)
        {
            _machine.Put("a");
        }

        _machine.Compact(4);
        Assert.Equal(StateError.Compacted, Assert.Throws<StateException>(() => _machine.Now.HashKeyspace(3)).Error);
        Assert.Equal(StateError.FutureRevision, Assert.Throws<StateException>(() => _machine.Now.HashKeyspace(7)).Error);
    }

    [Fact]
    public void The_state_hash_tells_states_apart_that_differ_in_any_one_thing()
    {
        Action<Machine>[] histories =
        [
            _ => { },
            m => m.Put("a", "1"),
            m => m.Put("a", "2"),
            m => m.Put("b", "1"),
            m => m.Put("a1", ""),
            m => m.Put("a", "1\0"),
            m => m.Put("a\0", "1"),
            m => { m.Put("a", "1"); m.Compact(1); },
            m => { m.Put("b", "1"); m.Put("a", "1"); },
            m => { m.Put("a", "1"); m.Put("b", "1"); },
            m => m.Txn(Machine.PutOf("a", "1"), Machine.PutOf("b", "1")),
            m => m.Txn(Machine.PutOf("b", "1"), Machine.PutOf("a", "1")),
            m => { m.Put("a", "1"); m.Delete("a"); },
            m => m.Grant(1, 10),
            m => m.Grant(2, 10),
            m => m.Grant(1, 11),
            m => { m.TimeMs = 1; m.Grant(1, 10); },
            m => { m.TimeMs = 1; m.Delete("a"); },
            m => { m.Grant(1, 10); m.Put("a", "1"); },
            m => { m.Grant(1, 10); m.Put("a", "1", lease: 1); },
        ];
        UInt128[] hashes = histories.Select(history =>
        {
            var machine = new Machine();
            history(machine);
            return machine.Now.StateHash;
        }).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void The_hash_can_be_had_without_publishing()
    {
        _machine.Put("a", "1");
        StateVersion published = _machine.Now;
        _machine.State.BeginEntry(_machine.State.AppliedIndex + 1, 0, FeatureLevel.Newest);
        _machine.State.Apply(CommandCodec.Encode(Machine.PutOf("a", "2")), wantResult: false);
        _machine.State.EndEntry();
        UInt128 hash = _machine.State.ComputeHash();
        Assert.Same(published, _machine.Now);
        Assert.NotEqual(published.StateHash, hash);
        Assert.Equal(hash, _machine.State.Publish().StateHash);
    }

    [Fact]
    public void A_pair_hash_changes_with_every_bit_and_with_where_the_key_ends()
    {
        var seen = new HashSet<UInt128>();
        var chance = new Chance(1);
        for (int length = 0; length < 40; length++)
        {
            byte[] bytes = Enumerable.Range(0, length).Select(_ => (byte)chance.Below(256)).ToArray();
            for (int split = 0; split <= length; split++)
            {
                Assert.True(seen.Add(PairHash.Of(bytes.AsSpan(0, split), bytes.AsSpan(split))), $"{length} bytes split at {split}");
            }

            for (int bit = 0; bit < 8 * length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.True(seen.Add(PairHash.Of(bytes, [])), $"{length} bytes, bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void A_pair_hash_is_the_same_for_ever()
    {
        Assert.Equal("185f34e30da30556331d222fbe3c3352", PairHash.Of("key"u8, "value of some length"u8).ToString("x32"));
    }

    [Fact]
    public void A_changed_byte_is_found_by_computing_the_hash_anew()
    {
        _machine.Put("a", "1");
        _machine.Put("b", "1");
        OrderedMap damaged = Maps.LoadedFrom(_machine.Now.Map);
        damaged.Set(Layout.VersionKey(Layout.Bounds(Machine.Key("a")).From, 2), [2, (byte)'0']);
        StateVersion restored = StateMachine.Restore(damaged, new StateOptions()).Current;
        Assert.Equal("0", Machine.Text(restored.Get(Machine.Bytes("a"))!.Value));
        Assert.Equal(_machine.Now.StateHash, restored.StateHash);
        Assert.NotEqual(restored.StateHash, restored.ComputeStateHash());
    }

    private uint HashKv(long revision = 0) => _machine.Now.HashKeyspace(revision).Hash;
}
