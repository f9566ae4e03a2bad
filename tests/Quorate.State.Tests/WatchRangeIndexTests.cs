namespace Quorate.State.Tests;

public sealed class WatchRangeIndexTests
{
    [Fact]
    public void Ranges_that_hold_a_key_are_found_like_by_looking_at_each()
    {
        var random = new Random(3);
        for (int round = 0; round < 300; round++)
        {
            var index = new RangeIndex();
            var all = new List<WatchedRange>();
            for (int change = 0; change < 60; change++)
            {
                if (all.Count > 0 && random.Next(3) == 0)
                {
                    WatchedRange gone = all[random.Next(all.Count)];
                    all.Remove(gone);
                    index.Remove(gone);
                }
                else if (RandomRange(random) is var range && index.Find(range) is null)
                {
                    var watched = new WatchedRange(range);
                    all.Add(watched);
                    index.Add(watched);
                    Assert.Same(watched, index.Find(range));
                }

                byte[] key = RandomKey(random);
                var found = new List<WatchedRange>();
                if (index.Count > 0)
                {
                    index.Match(key, found);
                }

                Assert.Equal(all.Count, index.Count);
                Assert.Equal(found.Count, found.Distinct().Count());
                Assert.Equal(all.Where(watched => watched.Range.Contains(key)).ToHashSet(), [.. found]);
            }
        }
    }

    private static byte[] RandomKey(Random random)
    {
        byte[] key = new byte[random.Next(1, 4)];
        for (int index = 0; index < key.Length; index++)
        {
            key[index] = (byte)random.Next(4);
        }

        return key;
    }

    private static KeyRange RandomRange(Random random) =>
        new(RandomKey(random), random.Next(5) == 0 ? new byte[] { 0 } : RandomKey(random));
}
