using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <summary>
/// A cluster is founded once, when every founder is reachable and blank (DESIGN §3). Identities are durable before a hello is
/// said, so every founder that has heard all the others computes the same configuration and the same cluster id.
/// </summary>
internal sealed class Founding(NodeIdentity self, FoundingPlan plan)
{
    private readonly SortedDictionary<string, PeerHello> _heard = new(StringComparer.Ordinal);

    /// <summary>What all founders must agree on: the feature level too, so that those of different builds do not found two configurations.</summary>
    public static string Digest(FoundingPlan plan)
    {
        var parts = new List<string>();
        foreach (Founder founder in plan.Founders)
        {
            parts.Add($"{founder.Name}={founder.PeerAddress}");
        }

        return $"{plan.Protocol}:{FeatureLevel.Newest}:{string.Join(',', parts)}";
    }

    /// <summary>The names of founders not heard of yet.</summary>
    public string Missing
    {
        get
        {
            var missing = new List<string>();
            foreach (Founder founder in plan.Founders)
            {
                if (founder.Name != self.Name && !_heard.ContainsKey(founder.Name))
                {
                    missing.Add($"{founder.Name} ({founder.PeerAddress})");
                }
            }

            return string.Join(", ", missing);
        }
    }

    /// <summary>A blank founder introduced itself. Its latest identity counts: it may have lost its disk since.</summary>
    public void Hear(PeerHello hello) => _heard[hello.Identity.Name] = hello;

    /// <summary>The founding configuration and cluster id, once every founder was heard of.</summary>
    public bool TryFound(out ulong clusterId, out Configuration? configuration)
    {
        clusterId = 0;
        configuration = null;
        if (Missing.Length > 0)
        {
            return false;
        }

        var members = new List<Member>();
        foreach (Founder founder in plan.Founders)
        {
            bool isSelf = founder.Name == self.Name;
            NodeId id = isSelf ? self.Node : _heard[founder.Name].Identity.Node;
            string clientUrl = isSelf ? plan.ClientUrl : _heard[founder.Name].ClientUrl;
            members.Add(new Member(id, founder.Name, founder.PeerAddress, clientUrl, MemberRole.Voter));
        }

        members.Sort((left, right) => left.Id.CompareTo(right.Id));
        ulong mixed = 0;
        foreach (Member member in members)
        {
            mixed = new SeededGenerator(mixed ^ member.Id.Value).Next();
        }

        clusterId = mixed | 1;
        configuration = new Configuration(1, plan.Protocol, members, NodeId.None, StartsAfter: 0, FeatureLevel.Newest);
        return true;
    }
}
