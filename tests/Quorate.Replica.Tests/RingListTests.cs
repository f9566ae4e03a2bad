using Quorate.Consensus;

namespace Quorate.Replica.Tests;

public sealed class RingListTests
{
    [Fact]
    public void It_holds_what_a_plain_list_holds_whatever_is_done_to_it()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            SeededGenerator generator = new(seed);
            RingList<int> ring = new();
            List<int> model = [];
            for (int step = 0; step < 2000; step++)
            {
                int count = (int)generator.Below((ulong)model.Count + 1);
                switch (generator.Below(12))
                {
                    case 0:
                        ring.RemoveFirst(count);
                        model.RemoveRange(0, count);
                        break;
                    case 1:
                        ring.RemoveLast(count);
                        model.RemoveRange(model.Count - count, count);
                        break;
                    case 2 when model.Count > 0:
                        ring[count % model.Count] = -step;
                        model[count % model.Count] = -step;
                        break;
                    case 3:
                        int[] items = [.. Enumerable.Range(0, (int)generator.Below(20)).Select(i => step - i)];
                        ring.AddFirst(items);
                        model.InsertRange(0, items);
                        break;
                    default:
                        ring.Add(step);
                        model.Add(step);
                        break;
                }

                Assert.Equal(model, Content(ring));
            }
        }
    }

    [Fact]
    public void It_lets_go_of_what_was_removed()
    {
        RingList<object> ring = new();
        WeakReference first = Add(ring);
        WeakReference last = Add(ring);
        ring.RemoveFirst(1);
        ring.RemoveLast(1);
        GC.Collect();
        Assert.False(first.IsAlive);
        Assert.False(last.IsAlive);
        GC.KeepAlive(ring);
    }

    [Fact]
    public void An_index_outside_is_a_broken_invariant()
    {
        RingList<int> ring = new();
        ring.Add(1);
        ring.Add(2);
        ring.RemoveFirst(1);
        Assert.Throws<InvariantException>(() => ring[1]);
        Assert.Throws<InvariantException>(() => ring[-1]);
        Assert.Throws<InvariantException>(() => ring[1] = 3);
        Assert.Throws<InvariantException>(() => ring.RemoveFirst(2));
        Assert.Throws<InvariantException>(() => ring.RemoveLast(2));
        Assert.Throws<InvariantException>(() => ring.RemoveLast(-1));
        Assert.Equal([2], Content(ring));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference Add(RingList<object> ring)
    {
        object item = new();
        ring.Add(item);
        return new WeakReference(item);
    }

    private static List<T> Content<T>(RingList<T> ring)
    {
        List<T> content = [];
        for (int i = 0; i < ring.Count; i++)
        {
            content.Add(ring[i]);
        }

        return content;
    }
}
