using System.Diagnostics;

namespace Quorate.Grpc.Tests;

/// <summary>The port as seen by Debian's python3-grpcio, curl, and whoever sends garbage.</summary>
public sealed class ForeignStackTests
{
    private const string Python = "/usr/bin/python3";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grpcio_finds_the_whole_contract_kept()
    {
        await RequireAsync(Python, ["-c", "import grpc, google.protobuf.wrappers_pb2"], "python3-grpcio, python3-protobuf");
        await using TestPort port = await TestPort.StartAsync();
        (int code, string output, string error) = await RunAsync(Python, [Path.Combine(AppContext.BaseDirectory, "foreign.py"), port.Address.Authority]);
        Assert.True(code == 0, error);
        string[] expected =
        [
            "unary hallo",
            "large 1500000",
            "gzip 1000000",
            "deflate UNIMPLEMENTED: grpc: Decompressor is not installed for grpc-encoding \"deflate\"",
            "status OUT_OF_RANGE: 50 % sp\\xe4te\\n",
            "deadline DEADLINE_EXCEEDED",
            "cancel cancelled",
            "toolarge RESOURCE_EXHAUSTED: grpc: received message larger than max (3000005 vs. 2097152)",
            "unknown UNIMPLEMENTED: unknown service no.Such",
            "count 1000",
            "duplex 0,1,2,that was all",
            "health 0801",
            "healthunknown NOT_FOUND: unknown service",
            "healthwatch 0803",
            "reflection True True True",
            "reflectionalpha True True True",
        ];
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(await port.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task Curl_gets_a_page_over_http_2_with_prior_knowledge()
    {
        await RequireAsync("/usr/bin/curl", ["--version"], "curl");
        await using TestPort port = await TestPort.StartAsync();
        (_, string http2, _) = await RunAsync("/usr/bin/curl", ["-s", "-m", "20", "--http2-prior-knowledge", $"{port.Address}health"]);
        (_, string http1, _) = await RunAsync("/usr/bin/curl", ["-s", "-m", "20", "--http1.1", $"{port.Address}health"]);
        Assert.Equal(("HTTP/2 /health", "HTTP/1.1 /health"), (http2, http1));
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(string path, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(Token);
            Task<string> error = process.StandardError.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(120), Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task RequireAsync(string path, string[] arguments, string packages)
    {
        if (!File.Exists(path) || (await RunAsync(path, arguments)).Code != 0)
        {
            Assert.Skip($"{path} cannot do what this test needs (Debian: {packages}).");
        }
    }
}
