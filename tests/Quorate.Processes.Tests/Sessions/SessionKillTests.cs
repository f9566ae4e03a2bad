using Google.Protobuf;
using Quorate.Client;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Sessions;

/// <summary>Leaders are killed under clients that write under sessions: no write fails, and none takes effect twice.</summary>
public sealed class SessionKillTests(ITestOutputHelper output)
{
    private const int Writers = 6;
    private const int Kills = 5;
    private const int WantedInDoubt = 3;
    private const double PatienceSeconds = 120;
    private const string SharedKey = "shared";

    [Fact]
    public async Task Every_put_takes_effect_once_while_leaders_die()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        using var stop = new CancellationTokenSource();
        Writer[] writers = [.. Enumerable.Range(0, Writers).Select(number => new Writer(number, useSessions: true))];
        Writer[] control = [.. Enumerable.Range(Writers, Writers).Select(number => new Writer(number, useSessions: false))];
        Task running = Task.WhenAll(writers.Concat(control).Select(writer => writer.RunAsync(cluster, stop.Token)));
        try
        {
            await KillLeadersAsync(cluster, () => writers.Concat(control).Sum(writer => writer.Done), () => control.Sum(writer => writer.InDoubt));
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        output.WriteLine($"{writers.Sum(writer => writer.Done)} puts under sessions, all answered; without sessions {control.Sum(writer => writer.Done)} answered, {control.Sum(writer => writer.InDoubt)} in doubt");
        foreach (TestNode node in cluster.Nodes)
        {
            await using QuorateClient client = node.NewClient(20);
            Assert.Equal(2 * writers.Sum(writer => writer.Done), await VersionAsync(client, SharedKey));
            foreach (Writer writer in writers)
            {
                Assert.Equal(0, writer.InDoubt);
                Assert.Equal(writer.Done, await VersionAsync(client, writer.Key));
            }

            foreach (Writer writer in control)
            {
                Assert.InRange(await VersionAsync(client, writer.Key), writer.Done, writer.Done + writer.InDoubt);
            }
        }
    }

    [Fact]
    public async Task An_answer_is_the_same_from_every_node_behind_the_death_of_all()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        string session = (await CallAsync(cluster.Nodes[0], QuorateMethods.SessionOpen, new SessionOpenRequest(), SessionOpenResponse.Parser)).Session;
        KeyValuePair<string, string>[] headers = [new(QuorateMethods.SessionHeader, session), new(QuorateMethods.SequenceHeader, "1")];
        PutRequest put = new() { Key = ByteString.CopyFromUtf8("once"), Value = ByteString.CopyFromUtf8("v") };
        long revision = (await CallAsync(cluster.Nodes[1], EtcdMethods.Put, put, PutResponse.Parser, headers)).Header.Revision;
        for (int round = 0; round < 2; round++)
        {
            foreach (TestNode node in cluster.Nodes)
            {
                Assert.Equal(revision, (await CallAsync(node, EtcdMethods.Put, put, PutResponse.Parser, headers)).Header.Revision);
            }

            foreach (TestNode node in cluster.Nodes)
            {
                await node.KillAsync();
            }

            await cluster.StartAllAsync();
        }

        await using QuorateClient client = cluster.NewClient(20);
        Assert.Equal(1, await VersionAsync(client, "once"));
    }

    private static async Task KillLeadersAsync(TestCluster cluster, Func<int> countDone, Func<int> countInDoubt)
    {
        long begin = Environment.TickCount64;
        (TestNode leader, ulong term) = await cluster.LeaderAsync();
        for (int kills = 0; kills < Kills || countInDoubt() < WantedInDoubt; kills++)
        {
            Assert.True(Environment.TickCount64 - begin < PatienceSeconds * 1000, $"{kills} leaders killed, {countInDoubt()} writes without a session in doubt");
            int before = countDone();
            await leader.KillAsync();
            TestNode killed = leader;
            (leader, term) = await cluster.LeaderAsync(termAbove: term);
            await TestRun.UntilAsync(() => countDone() > before + 100, 20, "writes go on under the new leader");
            await killed.StartAsync();
            await killed.ReadyAsync();
        }
    }

    private static async Task<TResponse> CallAsync<TRequest, TResponse>(
        TestNode node, string method, TRequest request, MessageParser<TResponse> parser, params KeyValuePair<string, string>[] headers)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        await using GrpcChannel channel = new(node.Url);
        return await channel.UnaryAsync(method, request, parser, headers, TimeSpan.FromSeconds(20), TestRun.Token);
    }

    private static async Task<long> VersionAsync(QuorateClient client, string key) =>
        await client.GetAsync(key, cancellationToken: TestRun.Token) is { } found ? found.Version : 0;

    /// <summary>Puts one value after the other: to a key of its own, and under a session to one that all share, by a transaction and by a put in turn.</summary>
    private sealed class Writer(int number, bool useSessions)
    {
        private volatile int _done;
        private volatile int _inDoubt;

        public string Key => $"own-{number}";

        public int Done => _done;

        /// <summary>Puts that failed without a word about whether they took effect.</summary>
        public int InDoubt => _inDoubt;

        public async Task RunAsync(TestCluster cluster, CancellationToken stop)
        {
            await using QuorateClient client = new(new QuorateClientOptions
            {
                Endpoints = [.. cluster.Nodes.Select(node => node.Url)],
                RequestTimeout = TimeSpan.FromSeconds(30),
                LongestBackOff = TimeSpan.FromMilliseconds(200),
                UseSessions = useSessions,
            });
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.PutAsync(Key, $"{_done}", null, CancellationToken.None);
                    if (useSessions)
                    {
                        await client.Txn().Then(Client.Operation.Put(SharedKey, $"{number}.{_done}")).CommitAsync(CancellationToken.None);
                        await client.PutAsync(SharedKey, $"{number}.{_done}", null, CancellationToken.None);
                    }

                    _done++;
                }
                catch (QuorateException failure) when (failure.Outcome == RequestOutcome.Unknown && !useSessions)
                {
                    _inDoubt++;
                }
                catch (QuorateException failure) when (failure.Outcome == RequestOutcome.NotApplied && !useSessions)
                {
                    // It was not applied: the next one takes its place.
                }
            }
        }
    }
}
