using System.Text;

namespace Quorate.Cli.Up;

/// <summary>The end of a log file, for messages.</summary>
internal static class LogTail
{
    private const int MostBytes = 8 * 1024;

    /// <param name="path">The file; it may be missing.</param>
    /// <param name="from">Where the run that matters began.</param>
    /// <param name="lines">How many lines at most.</param>
    public static string Read(string path, long from, int lines)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            long start = Math.Max(Math.Min(from, stream.Length), stream.Length - MostBytes);
            stream.Position = start;
            byte[] bytes = new byte[stream.Length - start];
            stream.ReadExactly(bytes);
            string[] all = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n');
            return string.Join('\n', all.TakeLast(lines).Select(line => "    " + line));
        }
        catch (IOException)
        {
            return "";
        }
    }

    public static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
