using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Clients;

/// <summary>Debian's python3-grpcio, a gRPC stack that is not ours, against three processes.</summary>
public sealed class GrpcioTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task Grpcio_locks_elects_waits_cancels_and_compresses_through_any_node()
    {
        bool isThere = File.Exists(Python) && (await Child.RunAsync(Python, ["-c", "import grpc, google.protobuf"])).Code == 0;
        Assert.SkipUnless(isThere, "grpcio is not installed (Debian packages python3-grpcio, python3-protobuf)");
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        string script = Path.Combine(AppContext.BaseDirectory, "Clients", "grpcio.py");
        (int code, string said) = await Child.RunAsync(Python, ["-B", script, .. cluster.Nodes.Select(node => node.Url.Authority)], patienceSeconds: 120);
        Assert.True(code == 0, said);
        string[] expected =
        [
            "second waits True",
            "handed over True",
            "deadline DEADLINE_EXCEEDED",
            "cancel CANCELLED",
            "observed one",
            "observed more",
            "won False",
            "observed three",
            "leads three",
            "gzip True",
            "watch deadline DEADLINE_EXCEEDED",
            "health 0801 0801 0801",
            "reflection v1 True",
            "reflection v1alpha True",
        ];
        Assert.Equal(expected, said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
