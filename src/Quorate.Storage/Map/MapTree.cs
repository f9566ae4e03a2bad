namespace Quorate.Storage;

/// <summary>Finding, inserting and removing below a node.</summary>
internal static class MapTree
{
    public static bool TryGet(MapNode node, ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value)
    {
        while (node is MapBranch branch)
        {
            node = branch.ChildAt(branch.IndexFor(key));
        }

        int index = node.LowerBound(key, out bool found);
        value = found ? node.KeyAt(index).ValueMemory : default;
        return found;
    }

    /// <summary>Puts an entry below <paramref name="node"/>, which the batch owns.</summary>
    /// <param name="node">Where to begin.</param>
    /// <param name="entry">What to put.</param>
    /// <param name="replaced">What it took the place of; none if the key is new.</param>
    /// <returns>The node that was split off to the right of <paramref name="node"/>, with its bound; none if it had room.</returns>
    public static (MapNode Node, MapEntry Bound)? Set(MapNode node, MapEntry entry, out MapEntry replaced)
    {
        if (node is MapLeaf leaf)
        {
            return SetInLeaf(leaf, entry, out replaced);
        }

        MapBranch branch = (MapBranch)node;
        int index = branch.IndexFor(entry.Key);
        if (Set(branch.OwnChildAt(index), entry, out replaced) is not { } added)
        {
            return null;
        }

        int at = index + 1;
        if (!branch.IsFull)
        {
            branch.Insert(at, added.Bound, added.Node);
            return null;
        }

        if (at == branch.Count)
        {
            MapBranch last = new(branch.Generation);
            last.Insert(0, added.Bound, added.Node);
            return (last, added.Bound);
        }

        MapBranch right = (MapBranch)branch.SplitOff(branch.Count / 2);
        MapEntry bound = right.KeyAt(0);
        if (at <= branch.Count)
        {
            branch.Insert(at, added.Bound, added.Node);
        }
        else
        {
            right.Insert(at - branch.Count, added.Bound, added.Node);
        }

        return (right, bound);
    }

    /// <summary>Removes a key that is below <paramref name="node"/>, which the batch owns.</summary>
    /// <returns>What was removed.</returns>
    public static MapEntry Remove(MapNode node, ReadOnlySpan<byte> key)
    {
        if (node is MapBranch branch)
        {
            int child = branch.IndexFor(key);
            MapEntry removed = Remove(branch.OwnChildAt(child), key);
            branch.Tidy(child);
            return removed;
        }

        int index = node.LowerBound(key, out bool found);
        if (!found)
        {
            throw new InvalidOperationException("Only a key that is there is removed.");
        }

        MapEntry entry = node.KeyAt(index);
        ((MapLeaf)node).RemoveAt(index);
        return entry;
    }

    private static (MapNode Node, MapEntry Bound)? SetInLeaf(MapLeaf leaf, MapEntry entry, out MapEntry replaced)
    {
        ReadOnlySpan<byte> key = entry.Key;
        int index = leaf.LowerBound(key, out bool found);
        if (found)
        {
            replaced = leaf.KeyAt(index);
            leaf.Replace(index, entry);
            return null;
        }

        replaced = default;
        if (!leaf.IsFull)
        {
            leaf.Insert(index, entry);
            return null;
        }

        int middle = SplitFor(index, leaf.Count);
        MapLeaf right = (MapLeaf)leaf.SplitOff(middle);
        if (index < middle || (index == middle && right.Count > 0))
        {
            leaf.Insert(index, entry);
        }
        else
        {
            right.Insert(index - middle, entry);
        }

        return (right, MapEntry.Between(leaf.KeyAt(leaf.Count - 1).Key, right.KeyAt(0).Key));
    }

    /// <summary>
    /// Where a full leaf is split. Ascending keys leave full leaves behind them: nothing is going to come between. So do, or
    /// nearly, keys that ascend but for the order in which many clients are served, or below a last key that stays.
    /// </summary>
    private static int SplitFor(int index, int count)
    {
        int threeQuarters = count * 3 / 4;
        return index == count ? count : index >= threeQuarters ? threeQuarters : count / 2;
    }
}
