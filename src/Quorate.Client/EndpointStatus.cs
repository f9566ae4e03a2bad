namespace Quorate.Client;

/// <summary>What one endpoint says about itself and its cluster.</summary>
/// <param name="Endpoint">The URL that was asked.</param>
/// <param name="ClusterId">The cluster.</param>
/// <param name="MemberId">The node behind the URL.</param>
/// <param name="Name">The node's name; empty when the cluster does not know it.</param>
/// <param name="Version">The version of etcd whose API it speaks.</param>
/// <param name="LeaderId">The leader it knows; 0 for none.</param>
/// <param name="IsLearner">Whether it only follows what was decided.</param>
/// <param name="Term">The round of the last applied entry.</param>
/// <param name="Index">The last decided index it knows.</param>
/// <param name="AppliedIndex">What it has applied.</param>
/// <param name="Revision">The revision of its data.</param>
/// <param name="DatabaseBytes">What its data takes, in bytes: of Quorate keys and values with the history that is kept, which its quota bounds; of etcd its file.</param>
/// <param name="DatabaseInUseBytes">What of it is in use; of Quorate all of it.</param>
/// <param name="Errors">What is wrong, in its own words.</param>
public sealed record EndpointStatus(
    Uri Endpoint,
    ulong ClusterId,
    ulong MemberId,
    string Name,
    string Version,
    ulong LeaderId,
    bool IsLearner,
    ulong Term,
    ulong Index,
    ulong AppliedIndex,
    long Revision,
    long DatabaseBytes,
    long DatabaseInUseBytes,
    IReadOnlyList<string> Errors)
{
    /// <summary>Whether this endpoint leads.</summary>
    public bool IsLeader => LeaderId != 0 && LeaderId == MemberId;
}
