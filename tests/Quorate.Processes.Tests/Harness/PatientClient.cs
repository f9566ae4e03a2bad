using System.Text;
using Quorate.Client;

namespace Quorate.Processes.Tests.Harness;

/// <summary>
/// Requests of tests in whose course nodes die: what was on its way to one of them has an unknown outcome, which is right, and is asked
/// again until it is answered. Only for what may take effect twice.
/// </summary>
internal static class PatientClient
{
    private const double PatienceSeconds = 60;

    public static Task PutPatientlyAsync(this QuorateClient client, string key, string value, long lease = 0) =>
        client.PutPatientlyAsync(key, Encoding.UTF8.GetBytes(value), lease);

    public static Task PutPatientlyAsync(this QuorateClient client, string key, byte[] value, long lease = 0) => PatientlyAsync(
        () => client.PutAsync(Encoding.UTF8.GetBytes(key), value, new PutOptions { LeaseId = lease }, TestRun.Token), $"'{key}' is written");

    public static async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, string what)
        where T : class
    {
        T? answer = null;
        QuorateException? last = null;
        await TestRun.UntilAsync(
            async () =>
            {
                try
                {
                    answer = await ask();
                }
                catch (QuorateException failure)
                {
                    last = failure;
                }

                return answer is not null;
            },
            PatienceSeconds,
            () => $"{what}; last failure: {last?.Message}");
        return answer!;
    }
}
