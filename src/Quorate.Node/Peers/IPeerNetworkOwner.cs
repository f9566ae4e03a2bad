using System.Net.Sockets;
using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Node;

/// <summary>Who hears what the peers say; called on any thread.</summary>
internal interface IPeerNetworkOwner
{
    /// <summary>How this node introduces itself now.</summary>
    ValueTask<PeerHello> HelloAsync(CancellationToken cancellationToken);

    /// <summary>A peer introduced itself. Gives <see langword="null"/> when it is welcome, else the reason why not.</summary>
    ValueTask<string?> GreetAsync(PeerHello hello, CancellationToken cancellationToken);

    /// <summary>A welcome peer's connection can be read from; false when nobody will, and the caller keeps the socket.</summary>
    bool PeerAccepted(NodeId peer, Socket socket);

    /// <summary>Frames to this peer can be sent from now on.</summary>
    void PeerConnected(NodeId peer);

    /// <summary>And no longer.</summary>
    void PeerDisconnected(NodeId peer);
}
