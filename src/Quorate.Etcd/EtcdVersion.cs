namespace Quorate.Etcd;

/// <summary>What the door says it is.</summary>
internal static class EtcdVersion
{
    /// <summary>The etcd whose behaviour it follows. The API server of Kubernetes asks watches for progress only from 3.5.13 on.</summary>
    public const string Server = "3.5.21";

    /// <summary>The cluster version that goes with it.</summary>
    public const string Cluster = "3.5.0";

    /// <summary>The version of Quorate.</summary>
    public static string Quorate { get; } = typeof(EtcdVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
