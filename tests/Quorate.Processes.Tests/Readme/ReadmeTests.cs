using System.Text.RegularExpressions;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Readme;

/// <summary>
/// The commands of README.md, as they stand there, from a fresh clone on: in a network of their own, where the usual ports are free and
/// nothing can be downloaded, and with process numbers of their own, so that nothing outlives the test.
/// </summary>
public sealed partial class ReadmeTests(ITestOutputHelper output) : IDisposable
{
    private const string Unshare = "/usr/bin/unshare";
    private const string Ip = "/usr/sbin/ip";
    private const string Git = "/usr/bin/git";

    /// <summary>A clone is built first.</summary>
    private const double PatienceSeconds = 420;

    private readonly string _directory = TestRun.NewDirectory();

    [Fact]
    public async Task Every_command_of_the_readme_works_from_a_fresh_clone_on()
    {
        foreach (string tool in new[] { Unshare, Ip, Git, "/usr/bin/etcdctl" })
        {
            Assert.SkipUnless(File.Exists(tool), $"{tool} is not installed (Debian packages util-linux, iproute2, git, etcd-client)");
        }

        string[] isolated = ["--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
        (int denied, string why) = await Child.RunAsync(Unshare, [.. isolated, "/bin/true"]);
        Assert.SkipUnless(denied == 0, $"a network of its own cannot be made here: {why}");
        string root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
        string clone = Path.Combine(_directory, "clone");
        (int cloned, string said) = await Child.RunAsync(Git, ["-c", "advice.detachedHead=false", "clone", "--quiet", "--depth", "1", $"file://{root}", clone]);
        Assert.SkipUnless(cloned == 0, $"{root} cannot be cloned: {said}");

        string script = ScriptOf(await File.ReadAllTextAsync(Path.Combine(clone, "README.md"), TestRun.Token));
        output.WriteLine(script);
        string path = Path.Combine(_directory, "readme.sh");
        await File.WriteAllTextAsync(path, script, TestRun.Token);
        (int code, said) = await Child.RunAsync(Unshare, [.. isolated, "/bin/bash", path, clone], patienceSeconds: PatienceSeconds);
        Assert.True(code == 0, said);
        output.WriteLine(said);
        Assert.Contains("\ngreeting\nhello\n", said, StringComparison.Ordinal);
        Assert.Contains("everything of the readme was run\n", said, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>
    /// Every block of commands, one after the other in one shell; what stays in the foreground goes on beside the others. The sources were
    /// analyzed when this was built: the clone's build leaves that out.
    /// </summary>
    private static string ScriptOf(string readme)
    {
        string[] lines = [.. Blocks().Matches(readme).SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Contains(lines, line => line.StartsWith("./quorate up", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("etcdctl ", StringComparison.Ordinal));
        return $"""
            set -eum
            {Ip} link set lo up
            cd "$1"
            export RunAnalyzers=false
            {string.Join('\n', lines.Select(Adapt))}
            kill -INT %1
            wait %1 || [ $? = 130 ]
            echo everything of the readme was run
            """;
    }

    private static string Adapt(string line)
    {
        string command = Comment().Replace(line, "");
        return command switch
        {
            // What runs this very test.
            "./test" => "[ -x ./test ]",
            _ when command.StartsWith("./quorate up", StringComparison.Ordinal) && !command.Contains("--detach", StringComparison.Ordinal) => $$"""
                {{command}} >up.out 2>up.err &
                until grep -qx ready up.out; do kill -0 %1 || { cat up.err; exit 1; }; sleep 0.1; done
                """,
            _ => line,
        };
    }

    [GeneratedRegex(@"^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"\s+#.*$")]
    private static partial Regex Comment();
}
