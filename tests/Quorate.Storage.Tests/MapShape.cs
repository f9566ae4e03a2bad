namespace Quorate.Storage.Tests;

/// <summary>What must hold of the tree itself, whatever it holds.</summary>
internal static class MapShape
{
    public static MapShapeFacts Check(OrderedMap map)
    {
        MapShapeFacts facts = new();
        Visit(map.Root, null, null, 0, facts);
        Assert.Equal(map.Count, facts.Entries);
        Assert.True(map.Root is MapLeaf || map.Root.Count > 1, "A branch at the top has two children.");
        return facts;
    }

    private static void Visit(MapNode node, byte[]? low, byte[]? high, int depth, MapShapeFacts facts)
    {
        Assert.True(node.Count is > 0 and <= MapNode.Capacity || depth == 0, "No node below the top is empty.");
        for (int i = 1; i < node.Count; i++)
        {
            Assert.True(node.KeyAt(i - 1).Key.SequenceCompareTo(node.KeyAt(i).Key) < 0, "Keys ascend.");
        }

        if (node is MapBranch branch)
        {
            facts.Branches++;
            for (int i = 0; i < branch.Count; i++)
            {
                byte[]? childLow = i == 0 ? low : branch.KeyAt(i).Key.ToArray();
                byte[]? childHigh = i + 1 == branch.Count ? high : branch.KeyAt(i + 1).Key.ToArray();
                Visit(branch.ChildAt(i), childLow, childHigh, depth + 1, facts);
            }

            return;
        }

        if (facts.Leaves++ > 0)
        {
            Assert.Equal(facts.Depth, depth);
        }

        facts.Depth = depth;
        facts.Entries += node.Count;
        facts.SmallestLeaf = Math.Min(facts.SmallestLeaf, node.Count);
        if (node.Count > 0)
        {
            Assert.True(low is null || node.KeyAt(0).Key.SequenceCompareTo(low) >= 0, "No key below the bound of its leaf.");
            Assert.True(high is null || node.KeyAt(node.Count - 1).Key.SequenceCompareTo(high) < 0, "No key at the next bound or above.");
        }
    }
}

/// <summary>What a look at the tree found.</summary>
internal sealed class MapShapeFacts
{
    public int Leaves { get; set; }

    public int Branches { get; set; }

    public int Depth { get; set; }

    public long Entries { get; set; }

    public int SmallestLeaf { get; set; } = int.MaxValue;
}
