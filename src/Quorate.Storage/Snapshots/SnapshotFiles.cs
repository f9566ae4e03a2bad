using System.Globalization;

namespace Quorate.Storage;

/// <summary>A finished snapshot on a disk.</summary>
/// <param name="Index">The index it was taken at.</param>
/// <param name="Name">The name of its file.</param>
public sealed record SnapshotFile(ulong Index, string Name);

/// <summary>The snapshot files of a data directory.</summary>
public static class SnapshotFiles
{
    private const string Prefix = "snapshot-";
    private const string Suffix = ".qsnap";
    private const string WritingSuffix = ".qsnap.writing";
    private const string ReceivingSuffix = ".qsnap.receiving";
    private const int IndexDigits = 20;

    /// <summary>The name of the snapshot at an index.</summary>
    public static string NameOf(ulong index) => Name(index, Suffix);

    /// <summary>All finished snapshots, newest first. None of them has been looked into.</summary>
    public static IReadOnlyList<SnapshotFile> List(IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        List<SnapshotFile> files = [];
        foreach (string name in disk.List())
        {
            if (TryParse(name, out ulong index))
            {
                files.Add(new SnapshotFile(index, name));
            }
        }

        files.Sort(static (left, right) => right.Index.CompareTo(left.Index));
        return files;
    }

    /// <summary>Deletes what interrupted writers and receivers left behind. Only at start, before any of them begins.</summary>
    /// <returns>How many files were deleted.</returns>
    public static int CleanUp(IDisk disk) => Delete(disk, static name =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && (name.EndsWith(WritingSuffix, StringComparison.Ordinal) || name.EndsWith(ReceivingSuffix, StringComparison.Ordinal)));

    /// <summary>Deletes the finished snapshots below an index.</summary>
    /// <returns>How many files were deleted.</returns>
    public static int DeleteBefore(IDisk disk, ulong index) =>
        Delete(disk, name => TryParse(name, out ulong its) && its < index);

    /// <summary>Deletes the finished snapshots above an index: those that turned out not to be readable.</summary>
    /// <returns>How many files were deleted.</returns>
    public static int DeleteBehind(IDisk disk, ulong index) =>
        Delete(disk, name => TryParse(name, out ulong its) && its > index);

    internal static string WritingNameOf(ulong index) => Name(index, WritingSuffix);

    internal static string ReceivingNameOf(ulong index) => Name(index, ReceivingSuffix);

    private static string Name(ulong index, string suffix) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index:D20}{suffix}");

    private static bool TryParse(string name, out ulong index)
    {
        index = 0;
        return name.Length == Prefix.Length + IndexDigits + Suffix.Length
            && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && ulong.TryParse(name.AsSpan(Prefix.Length, IndexDigits), NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    private static int Delete(IDisk disk, Func<string, bool> isUnwanted)
    {
        ArgumentNullException.ThrowIfNull(disk);
        int deleted = 0;
        foreach (string name in disk.List())
        {
            if (isUnwanted(name))
            {
                disk.Delete(name);
                deleted++;
            }
        }

        if (deleted > 0)
        {
            disk.FlushDirectory();
        }

        return deleted;
    }
}
