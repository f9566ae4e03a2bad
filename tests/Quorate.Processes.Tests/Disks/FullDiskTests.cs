using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>A data directory on a file system of 64 MiB that fills up beside it and is emptied again.</summary>
public sealed class FullDiskTests
{
    private const int DiskMegabytes = 64;
    private const string SpaceExceeded = "etcdserver: mvcc: database space exceeded";
    private const int ValueBytes = 64 << 10;
    private const int MostWrites = 2_000;

    [Fact]
    public async Task A_node_alone_refuses_writes_while_its_disk_is_full_and_serves_reads_and_then_writes_again()
    {
        await using LoopDisk disk = await LoopDisk.CreateAsync(DiskMegabytes);
        await using TestCluster cluster = TestCluster.Plan(1, disk.MountPoint);
        await cluster.StartAllAsync();
        await using QuorateClient client = cluster.NewClient();
        await client.PutAsync("kept", "1");

        string ballast = await FillAsync(disk);
        QuorateException refused = await WriteUntilRefusedAsync(client);
        Assert.Contains(SpaceExceeded, refused.Message, StringComparison.Ordinal);
        Assert.Equal(QuorateError.NoSpace, refused.Error);
        Assert.Equal("1", (await client.GetAsync("kept"))?.ValueText);

        File.Delete(ballast);
        await client.PutPatientlyAsync("again", "3");
        await cluster.Nodes[0].KillAsync();
        await cluster.Nodes[0].StartAsync();
        await cluster.Nodes[0].ReadyAsync();
        Assert.Equal("1", (await client.GetAsync("kept"))?.ValueText);
        await cluster.Nodes[0].DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_dies_on_a_full_disk_starts_on_it_again_serves_reads_and_writes_when_there_is_space()
    {
        await using LoopDisk disk = await LoopDisk.CreateAsync(DiskMegabytes);
        await using TestCluster cluster = TestCluster.Plan(1, disk.MountPoint);
        TestNode node = cluster.Nodes[0];
        await cluster.StartAllAsync();
        await using QuorateClient client = cluster.NewClient();
        await client.PutAsync("kept", "1");
        string ballast = await FillAsync(disk);
        await WriteUntilRefusedAsync(client);

        // Twice: the first start may have used up what little there was.
        for (int start = 0; start < 2; start++)
        {
            await node.KillAsync();
            await FillAsync(disk);
            await node.StartAsync();
            await node.ReadyAsync();
            Assert.Equal("1", (await client.GetAsync("kept"))?.ValueText);
            Assert.Equal(ValueBytes, (await client.GetAsync("large"))?.Value.Length);
            QuorateException refused = await WriteUntilRefusedAsync(client);
            Assert.Contains(SpaceExceeded, refused.Message, StringComparison.Ordinal);
        }

        File.Delete(ballast);
        await client.PutPatientlyAsync("again", "3");
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_leader_whose_disk_is_full_lets_another_lead_and_comes_back_when_there_is_space()
    {
        await using LoopDisk disk = await LoopDisk.CreateAsync(DiskMegabytes);
        await using TestCluster cluster = TestCluster.Plan(3, null, TestCluster.Quick);
        TestNode full = cluster.Nodes[0];
        full.DataDirectory = Path.Combine(disk.MountPoint, full.Name);
        await cluster.StartAllAsync();
        await cluster.LeadAsync(full);
        await using QuorateClient client = cluster.NewClient();
        await using QuorateClient direct = full.NewClient();
        await client.PutPatientlyAsync("kept", "1");

        string ballast = await FillAsync(disk);
        QuorateException refused = await WriteUntilRefusedAsync(direct);
        Assert.Contains(SpaceExceeded, refused.Message, StringComparison.Ordinal);
        await using QuorateClient others = TestNode.Connect(10, cluster.Nodes[1].Url, cluster.Nodes[2].Url);
        await others.PutPatientlyAsync("again", "3");
        await TestRun.UntilAsync(async () => (await cluster.LeaderAsync()).Node != full, 20, () => "another node to lead");
        Assert.Equal("1", (await direct.GetAsync("kept", new RangeOptions { IsSerializable = true }))?.ValueText);
        await others.PutPatientlyAsync("while full", "2");

        File.Delete(ballast);
        await direct.PutPatientlyAsync("again", "3");
        Assert.Equal("2", (await direct.GetAsync("while full"))?.ValueText);
        await full.DisposeAsync();
    }

    /// <summary>Takes all space that is left, to the last block.</summary>
    private static async Task<string> FillAsync(LoopDisk disk)
    {
        string path = Path.Combine(disk.MountPoint, "ballast");
        await Child.RunAsync("/usr/bin/dd", ["if=/dev/zero", $"of={path}", "bs=4k", "status=none", "oflag=append", "conv=notrunc"]);
        Assert.True(new DriveInfo(disk.MountPoint).AvailableFreeSpace < 64 << 10, "the disk is full");
        return path;
    }

    /// <summary>What is allocated already may be filled; then writes must be refused.</summary>
    private static async Task<QuorateException> WriteUntilRefusedAsync(QuorateClient client)
    {
        byte[] value = new byte[ValueBytes];
        for (int number = 0; number < MostWrites; number++)
        {
            try
            {
                await client.PutAsync("large"u8.ToArray(), value, cancellationToken: TestRun.Token);
            }
            catch (QuorateException refused) when (refused.Error == QuorateError.NoSpace)
            {
                return refused;
            }
            catch (QuorateException passing) when (passing.IsTransient)
            {
                // The leader changed; the disk is no less full for that.
            }
        }

        throw new InvalidOperationException($"{MostWrites} writes of {ValueBytes} bytes went onto a full disk");
    }
}
