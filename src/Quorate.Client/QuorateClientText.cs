using System.Text;

namespace Quorate.Client;

/// <summary>The same calls with keys and values that are text, in UTF-8.</summary>
public static class QuorateClientText
{
    /// <summary>Reads one key.</summary>
    /// <returns><see langword="null"/> when it does not exist.</returns>
    public static Task<KeyValue?> GetAsync(
        this QuorateClient client, string key, RangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetAsync(Encoding.UTF8.GetBytes(key), options, cancellationToken);
    }

    /// <summary>Writes one key.</summary>
    public static Task<PutResult> PutAsync(
        this QuorateClient client, string key, string value, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.PutAsync(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), options, cancellationToken);
    }
}
