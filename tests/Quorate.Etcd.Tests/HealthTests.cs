using System.Net;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

/// <summary>The pages that tell orchestrators whether to send traffic here, and whether to start the process anew.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private TestDoor _door = null!;

    public async ValueTask InitializeAsync() => _door = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _door.DisposeAsync();
    }

    [Fact]
    public async Task A_good_node_is_healthy_live_and_ready_and_tells_why_when_asked()
    {
        Assert.Equal((HttpStatusCode.OK, "{\"health\":\"true\",\"reason\":\"\"}"), await GetAsync("/health"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/livez"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "[+]serializable_read ok\nok\n"), await GetAsync("/livez?verbose"));
        Assert.Equal(
            (HttpStatusCode.OK, "[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n"),
            await GetAsync("/readyz?verbose"));
        Assert.Equal((HttpStatusCode.OK, "[+]data_corruption ok\n[+]non_learner ok\nok\n"), await GetAsync("/readyz?verbose&exclude=serializable_read&exclude=linearizable_read&exclude=nonsense"));
    }

    [Fact]
    public async Task Without_a_leader_a_node_is_alive_but_neither_healthy_nor_ready()
    {
        _door.Group.Leader = Consensus.NodeId.None;
        _door.Group.Failure = Node.GroupError.NoLeader;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}"), await GetAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health?serializable=true")).Code);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/livez"));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "[+]data_corruption ok\n[+]serializable_read ok\n[-]linearizable_read failed: etcdserver: no leader\n[+]non_learner ok\n\n"),
            await GetAsync("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/readyz?exclude=linearizable_read"));
    }

    [Fact]
    public async Task A_leader_that_does_not_answer_makes_a_node_unhealthy_in_the_words_of_the_failed_read()
    {
        _door.Group.Failure = Node.GroupError.Timeout;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: request timed out\"}"), await GetAsync("/health"));
    }

    [Fact]
    public async Task Each_check_has_a_page_of_its_own()
    {
        _door.Group.Failure = Node.GroupError.Timeout;
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/readyz/data_corruption"));
        Assert.Equal((HttpStatusCode.OK, "[+]serializable_read ok\nok\n"), await GetAsync("/livez/serializable_read?verbose"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]linearizable_read failed: etcdserver: request timed out\n\n"), await GetAsync("/readyz/linearizable_read?exclude=linearizable_read"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/livez/linearizable_read")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/readyz/")).Code);
    }

    [Fact]
    public async Task An_alarm_makes_a_node_unhealthy_unless_it_is_excluded()
    {
        _door.Group.Alarm = "NOSPACE: the disk is full";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}"), await GetAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health?exclude=NOSPACE")).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/health?exclude=CORRUPT")).Code);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/readyz"));

        _door.Group.Alarm = "CORRUPT: differs from the majority";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"health\":\"false\",\"reason\":\"ALARM CORRUPT\"}"), await GetAsync("/health?exclude=NOSPACE"));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "[-]data_corruption failed: alarm activated: CORRUPT\n\n"), await GetAsync("/readyz/data_corruption"));
    }

    [Fact]
    public async Task Health_is_only_to_be_read()
    {
        using HttpResponseMessage post = await _client.PostAsync(new Uri(_door.Address, "/health"), null, Token);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "Method Not Allowed\n"), (post.StatusCode, await post.Content.ReadAsStringAsync(Token)));
        Assert.Equal(["GET"], post.Content.Headers.Allow);
    }

    private async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri(_door.Address, path), Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
