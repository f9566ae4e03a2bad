using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <content>Becoming a cluster, and telling strangers from members (DESIGN §3, Founding and identity).</content>
public sealed partial class Replica
{
    private static readonly TimeSpan FoundingReminder = TimeSpan.FromSeconds(5);

    private readonly Founding? _founding;
    private long _foundedAt;
    private Instant _remindAt;

    /// <summary>How this node introduces itself now.</summary>
    public PeerHello Hello()
    {
        bool isFounded = _configuration is not null && _durable >= _foundedAt;
        NodeIdentity identity = isFounded ? _identity : _identity with { ClusterId = 0 };
        Member? self = _configuration?.Find(_identity.Node);
        FoundingPlan? plan = _options.Founding;
        return new PeerHello(
            identity,
            self?.PeerAddress ?? plan?.PeerAddress ?? string.Empty,
            self?.ClientUrl ?? plan?.ClientUrl ?? string.Empty,
            plan is null ? string.Empty : Founding.Digest(plan),
            isFounded ? _configuration : null);
    }

    /// <summary>A peer introduced itself. Followed by <see cref="Flush"/>.</summary>
    /// <returns><see langword="null"/> when it is welcome, else why not, with the remedy, for it to read.</returns>
    public string? Greet(PeerHello hello)
    {
        if (hello.Identity.ClusterId != 0 && _configuration is not null && hello.Identity.ClusterId != _identity.ClusterId)
        {
            return $"cluster id mismatch: {hello.Identity.Name} belongs to cluster {hello.Identity.ClusterId:x}, {_identity.Name} to {_identity.ClusterId:x}. "
                + "Give each cluster its own addresses, or an empty --data-dir to the node that should change sides.";
        }

        return _configuration is null ? GreetBlank(hello) : GreetFounded(hello);
    }

    private string? GreetFounded(PeerHello hello)
    {
        if (_configuration!.Find(hello.Identity.Node) is not null)
        {
            return null;
        }

        foreach (Member member in _configuration.Members)
        {
            if (member.Name == hello.Identity.Name)
            {
                return $"the cluster knows {member.Name} under another identity ({member.Id}): its disk was lost or replaced. "
                    + $"Replace it: quorate member replace {member.Name} --with NEW --peer HOST:PORT";
            }
        }

        return $"{hello.Identity.Name} is no member of this cluster. Add it first: quorate member add {hello.Identity.Name} --peer HOST:PORT";
    }

    private string? GreetBlank(PeerHello hello)
    {
        if (hello.Configuration is { } configuration)
        {
            if (configuration.Find(_identity.Node) is null)
            {
                string reason = $"{hello.Identity.Name} is in cluster {hello.Identity.ClusterId:x}, which does not know this node ({_identity.Name}, {_identity.Node}). "
                    + $"If its disk was lost, replace it: quorate member replace {_identity.Name} --with NEW --peer HOST:PORT; else give it its own addresses.";
                _host.Report(new ReplicaEvent.NotWelcome(reason));
                return reason;
            }

            if (FeatureLevel.Objection(configuration.FeatureLevel) is { } objection)
            {
                _host.Report(new ReplicaEvent.NotWelcome(objection));
                return objection;
            }

            Found(hello.Identity.ClusterId, configuration);
            return null;
        }

        if (_founding is null || hello.Founders != Founding.Digest(_options.Founding!))
        {
            return $"{hello.Identity.Name} and {_identity.Name} were told of different founders: give every node the same --initial-cluster, --protocol and build.";
        }

        _founding.Hear(hello);
        TryFound();
        return null;
    }

    private void TickFounding()
    {
        if (_configuration is not null || _founding is null)
        {
            return;
        }

        TryFound();
        if (_configuration is null && _now >= _remindAt)
        {
            _remindAt = _now + FoundingReminder;
            _host.Report(new ReplicaEvent.WaitingForFounders(_founding.Missing));
        }
    }

    private void TryFound()
    {
        if (_configuration is null && _founding!.TryFound(out ulong clusterId, out Configuration? configuration))
        {
            Found(clusterId, configuration!);
        }
    }

    private void Found(ulong clusterId, Configuration configuration)
    {
        _identity = _identity with { ClusterId = clusterId };
        _configuration = configuration;
        _foundedAt = AddRecord(RecordCodec.Encode(RecordKind.Start, _scratch));
    }

    /// <summary>The configuration is durable: only now the protocol may speak.</summary>
    private void FinishFounding()
    {
        if (_protocol is null && _configuration is not null && _durable >= _foundedAt)
        {
            StartProtocol();
            _host.Report(new ReplicaEvent.Founded(_identity.ClusterId, _configuration));
            TellFounders();
        }
    }

    /// <summary>A founder that has not heard of all the others learns the configuration from whoever has.</summary>
    private void TellFounders()
    {
        byte[] hello = Hello().Encode();
        foreach (Member member in _configuration!.Members)
        {
            if (member.Id != _identity.Node)
            {
                _frame.Clear();
                _frame.Byte((byte)FrameKind.Hello);
                _frame.Raw(hello);
                _host.Send(member.Id, _frame.Written);
            }
        }
    }

    private bool ReceiveHello(NodeId from, ReadOnlySpan<byte> bytes)
    {
        if (!PeerHello.TryDecode(bytes, out PeerHello? hello) || hello!.Identity.Node != from)
        {
            return false;
        }

        Greet(hello);
        return true;
    }
}
