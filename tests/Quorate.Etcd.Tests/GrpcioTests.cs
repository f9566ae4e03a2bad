namespace Quorate.Etcd.Tests;

/// <summary>The door as seen by Debian's python3-grpcio.</summary>
public sealed class GrpcioTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task Grpcio_locks_and_elects_with_messages_learnt_by_reflection()
    {
        ToolProcess.Require(Python, "python3");
        if ((await ToolProcess.RunAsync(Python, ["-c", "import grpc, google.protobuf"])).Code != 0)
        {
            Assert.Skip("grpcio is not installed (Debian: python3-grpcio, python3-protobuf).");
        }

        await using TestDoor door = await TestDoor.StartAsync();
        (int code, string output, string error) = await ToolProcess.RunAsync(Python, [Path.Combine(AppContext.BaseDirectory, "foreign.py"), door.Address.Authority]);
        Assert.True(code == 0, error);
        string[] expected =
        [
            "locked True",
            "waits True",
            "handed over True",
            "observed one",
            "observed two",
            "resigned UNKNOWN election: no leader",
        ];
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
