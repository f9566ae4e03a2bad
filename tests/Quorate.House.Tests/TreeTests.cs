namespace Quorate.House.Tests;

public sealed class TreeTests
{
    private const int MaxLines = 600;

    [Fact]
    public void No_file_is_longer_than_a_reader_can_bear()
    {
        var tooLong = House.SourceFiles(".cs", ".sh", ".proto", ".py")
            .Select(file => (File: file, Lines: File.ReadLines(Path.Combine(House.Root, file)).Count()))
            .Where(found => found.Lines > MaxLines)
            .Select(found => $"{found.File}: {found.Lines} lines")
            .ToList();
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Every_room_has_its_tests()
    {
        foreach (string room in House.AllowedReferences.Keys.Where(room => room != "Quorate.Etcd.Contract"))
        {
            string folder = Path.Combine(House.Root, "tests", $"{room}.Tests");
            Assert.True(Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any(), $"{room} has no tests.");
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(House.Root, "Quorate.slnx"));
        foreach (string project in House.SourceFiles(".csproj"))
        {
            Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_package_version_stands_outside_the_central_file()
    {
        foreach (string project in House.SourceFiles(".csproj"))
        {
            string text = File.ReadAllText(Path.Combine(House.Root, project));
            bool pinsItself = text.Contains("PackageReference", StringComparison.Ordinal) && text.Contains("Version=", StringComparison.Ordinal);
            Assert.False(pinsItself, $"{project} names a package version.");
        }
    }
}
