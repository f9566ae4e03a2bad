namespace Quorate.Processes.Tests.Harness;

/// <summary>An ext4 file system in a file: small enough to be filled, and its file can be copied as a power cut would have left it.</summary>
internal sealed class LoopDisk : IAsyncDisposable
{
    private const int ImageMegabytes = 256;
    private readonly string _image;

    private LoopDisk(string image, string mountPoint)
    {
        _image = image;
        MountPoint = mountPoint;
    }

    public string MountPoint { get; }

    /// <summary>Skips the test when this machine cannot mount files.</summary>
    public static async Task<LoopDisk> CreateAsync(int megabytes = ImageMegabytes)
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a file needs root");
        Assert.SkipUnless(File.Exists("/usr/sbin/mkfs.ext4"), "mkfs.ext4 is not installed (Debian package e2fsprogs)");
        string directory = TestRun.NewDirectory();
        string image = Path.Combine(directory, "disk.img");
        await using (FileStream file = File.Create(image))
        {
            file.SetLength(megabytes * 1024L * 1024);
        }

        (int code, string output) = await Child.RunAsync("/usr/sbin/mkfs.ext4", ["-q", "-F", "-m", "0", image]);
        Assert.True(code == 0, output);
        return await MountAsync(image);
    }

    /// <summary>Copies the backing file as it stands: what the page cache of the file system above holds back is lost, as in a power cut.</summary>
    public async Task<LoopDisk> CopyAsync()
    {
        string copy = Path.Combine(TestRun.NewDirectory(), "disk.img");
        (int code, string output) = await Child.RunAsync("/usr/bin/cp", ["--sparse=always", _image, copy]);
        Assert.True(code == 0, output);
        return await MountAsync(copy);
    }

    /// <summary>Makes everything durable that was written so far.</summary>
    public async Task SyncAsync()
    {
        (int code, string output) = await Child.RunAsync("/usr/bin/sync", ["-f", MountPoint]);
        Assert.True(code == 0, output);
    }

    public async ValueTask DisposeAsync()
    {
        // A process that was killed a moment ago may still hold a file.
        for (int attempt = 0; attempt < 50; attempt++)
        {
            (int code, _) = await Child.RunAsync("/usr/bin/umount", [MountPoint]);
            if (code == 0)
            {
                Directory.Delete(Path.GetDirectoryName(_image)!, recursive: true);
                return;
            }

            await Task.Delay(100, CancellationToken.None);
        }

        await Child.RunAsync("/usr/bin/umount", ["--lazy", MountPoint]);
    }

    private static async Task<LoopDisk> MountAsync(string image)
    {
        string mountPoint = Path.Combine(Path.GetDirectoryName(image)!, "mounted");
        Directory.CreateDirectory(mountPoint);

        // A long commit interval: the file system must not make durable by itself what a node forgot to flush.
        (int code, string output) = await Child.RunAsync("/usr/bin/mount", ["-o", "loop,commit=300", image, mountPoint]);
        if (code != 0)
        {
            Directory.Delete(Path.GetDirectoryName(image)!, recursive: true);
            Assert.Skip($"loop devices do not work here: {output}");
        }

        return new LoopDisk(image, mountPoint);
    }
}
