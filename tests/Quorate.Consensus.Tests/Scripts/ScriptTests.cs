using System.Runtime.CompilerServices;

namespace Quorate.Consensus.Tests;

/// <summary>
/// Interaction tests: each text file is a conversation between nodes, and its expected trace is the test. QUORATE_REWRITE=1
/// writes what happened into the files, to be read before it is kept.
/// </summary>
public sealed class ScriptTests
{
    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(Folder(), "*.txt").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_goes_as_it_is_written(string script)
    {
        string path = Path.Combine(Folder(), script);
        string expected = File.ReadAllText(path);
        string actual = new ScriptRunner().Run(expected);
        if (Environment.GetEnvironmentVariable("QUORATE_REWRITE") == "1")
        {
            File.WriteAllText(path, actual);
        }
        else
        {
            Assert.Equal(expected, actual);
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
