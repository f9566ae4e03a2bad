using System.Text;

namespace Quorate.Client;

/// <summary>A key as it stands at one revision.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="CreateRevision">The revision at which it came into being.</param>
/// <param name="ModRevision">The revision of its last change.</param>
/// <param name="Version">How often it was changed since it came into being; 1 at first.</param>
/// <param name="LeaseId">The lease it hangs on; 0 for none.</param>
public sealed record KeyValue(
    ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version, long LeaseId)
{
    /// <summary>The key, read as UTF-8.</summary>
    public string KeyText => Encoding.UTF8.GetString(Key.Span);

    /// <summary>The value, read as UTF-8.</summary>
    public string ValueText => Encoding.UTF8.GetString(Value.Span);
}
