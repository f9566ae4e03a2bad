using System.Text;
using Quorate.Client;

namespace Quorate.Processes.Tests.Harness;

/// <summary>
/// Writes by tests in whose course nodes die: what was on its way to one of them has an unknown outcome, which is right, and is asked
/// again until it is acknowledged. Only for writes that may take effect twice.
/// </summary>
internal static class PatientClient
{
    public static Task PutPatientlyAsync(this QuorateClient client, string key, string value, double patienceSeconds = 60) =>
        client.PutPatientlyAsync(key, Encoding.UTF8.GetBytes(value), patienceSeconds);

    public static async Task PutPatientlyAsync(this QuorateClient client, string key, byte[] value, double patienceSeconds = 60)
    {
        QuorateException? last = null;
        await TestRun.UntilAsync(
            async () =>
            {
                try
                {
                    await client.PutAsync(Encoding.UTF8.GetBytes(key), value, cancellationToken: TestRun.Token);
                    return true;
                }
                catch (QuorateException failure)
                {
                    last = failure;
                    return false;
                }
            },
            patienceSeconds,
            () => $"'{key}' is written; last failure: {last?.Message}");
    }
}
