using System.Runtime.CompilerServices;

namespace Quorate.House.Tests;

/// <summary>Where the house stands and which rooms it has.</summary>
internal static class House
{
    /// <summary>What each room may refer to directly (DESIGN §1, decision 0009): only downwards, and no neighbour on the same floor.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> AllowedReferences = new SortedDictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Quorate.Codec"] = [],
        ["Quorate.Consensus"] = ["Quorate.Codec"],
        ["Quorate.Storage"] = ["Quorate.Codec"],
        ["Quorate.State"] = ["Quorate.Consensus", "Quorate.Storage", "Quorate.Codec"],
        ["Quorate.Replica"] = ["Quorate.Consensus", "Quorate.Storage", "Quorate.State", "Quorate.Codec"],
        ["Quorate.Node"] = ["Quorate.Replica", "Quorate.State", "Quorate.Consensus", "Quorate.Storage", "Quorate.Codec"],
        ["Quorate.Simulation"] = ["Quorate.Replica", "Quorate.State", "Quorate.Consensus", "Quorate.Storage", "Quorate.Codec", "Quorate.Checking"],
        ["Quorate.Checking"] = [],
        ["Quorate.Grpc"] = [],
        ["Quorate.Etcd.Contract"] = [],
        ["Quorate.Client"] = ["Quorate.Grpc", "Quorate.Etcd.Contract"],
        ["Quorate.Etcd"] = ["Quorate.Node", "Quorate.Grpc", "Quorate.Etcd.Contract"],
        ["Quorate.Cli"] = ["Quorate.Etcd", "Quorate.Node", "Quorate.Simulation", "Quorate.Checking", "Quorate.Client", "Quorate.Grpc", "Quorate.Etcd.Contract", "Quorate.Codec"],
    };

    /// <summary>Floors 0 to 2 and what lies under them: everything that replays from a seed.</summary>
    public static readonly string[] PureRooms = ["Quorate.Codec", "Quorate.Consensus", "Quorate.Storage", "Quorate.State", "Quorate.Replica"];

    public static string Root { get; } = FindRoot();

    private static string FindRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));

    /// <summary>Every file of the tree that people write, relative to the root.</summary>
    public static IEnumerable<string> SourceFiles(params string[] endings)
    {
        foreach (string top in (string[])["src", "tests", "bench", "samples", "eng"])
        {
            string folder = Path.Combine(Root, top);
            if (!Directory.Exists(folder))
            {
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string relative = Path.GetRelativePath(Root, file);
                bool isOutput = relative.Contains("/obj/", StringComparison.Ordinal) || relative.Contains("/bin/", StringComparison.Ordinal);
                if (!isOutput && endings.Any(ending => relative.EndsWith(ending, StringComparison.Ordinal)))
                {
                    yield return relative;
                }
            }
        }
    }
}
