using System.Xml.Linq;

namespace Quorate.House.Tests;

public sealed class ReferenceTests
{
    [Fact]
    public void Every_room_refers_only_downwards_and_to_no_neighbour()
    {
        var faults = new List<string>();
        foreach (string project in Directory.EnumerateDirectories(Path.Combine(House.Root, "src")).Select(folder => Path.GetFileName(folder)!))
        {
            if (!House.AllowedReferences.TryGetValue(project, out string[]? allowed))
            {
                faults.Add($"{project} is no room of the house: name its floor in House.AllowedReferences and in a decision.");
                continue;
            }

            XDocument file = XDocument.Load(Path.Combine(House.Root, "src", project, $"{project}.csproj"));
            faults.AddRange(Forbidden(project, file, allowed));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void A_reference_upwards_is_found()
    {
        XDocument file = XDocument.Parse("<Project><ItemGroup><ProjectReference Include=\"../Quorate.Node/Quorate.Node.csproj\" /></ItemGroup></Project>");
        Assert.Single(Forbidden("Quorate.State", file, House.AllowedReferences["Quorate.State"]));
    }

    [Fact]
    public void Every_pure_room_asks_for_the_purity_analyzer()
    {
        foreach (string room in House.PureRooms)
        {
            string text = File.ReadAllText(Path.Combine(House.Root, "src", room, $"{room}.csproj"));
            Assert.Contains("<QuoratePure>true</QuoratePure>", text, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Forbidden(string project, XDocument file, string[] allowed) =>
        from reference in file.Descendants("ProjectReference")
        let target = Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)
        where !allowed.Contains(target)
        select $"{project} must not refer to {target}";
}
