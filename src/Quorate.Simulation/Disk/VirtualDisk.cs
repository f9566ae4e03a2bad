using Quorate.Consensus;
using Quorate.Storage;

namespace Quorate.Simulation;

/// <summary>
/// A disk in memory that forgets what was not flushed: sectors of 512 bytes are written whole or not at all, in any pattern,
/// and so are changes of the directory. It can let the process die at any of its calls.
/// </summary>
internal sealed class VirtualDisk(SeededGenerator generator) : IDisk
{
    private readonly List<(string? From, string? To, VirtualFile File)> _changes = [];
    private SortedDictionary<string, VirtualFile> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, VirtualFile> _durableNames = new(StringComparer.Ordinal);
    private int _callsToLive = int.MaxValue;

    /// <summary>The process dies at the call after so many more; <see cref="int.MaxValue"/> for never.</summary>
    public void DieAfter(int calls) => _callsToLive = calls;

    public IReadOnlyList<string> List() => [.. _names.Keys];

    /// <summary>The files with such names, in ascending order of them.</summary>
    public List<VirtualFile> Files(string prefix, string suffix) =>
        [.. _names.Where(name => name.Key.StartsWith(prefix, StringComparison.Ordinal) && name.Key.EndsWith(suffix, StringComparison.Ordinal)).Select(name => name.Value)];

    public IDiskFile Create(string name, long length)
    {
        OnCall();
        Invariant.Check(!_names.ContainsKey(name), "A file is created once.");
        var file = new VirtualFile(this, length);
        _names[name] = file;
        _changes.Add((null, name, file));
        return new Handle(file);
    }

    public IDiskFile Open(string name) =>
        _names.TryGetValue(name, out VirtualFile? file) ? new Handle(file) : throw new FileNotFoundException($"There is no {name}.");

    public void Rename(string from, string to)
    {
        OnCall();
        VirtualFile file = _names[from];
        _names.Remove(from);
        _names[to] = file;
        _changes.Add((from, to, file));
    }

    public void Delete(string name)
    {
        OnCall();
        VirtualFile file = _names[name];
        _names.Remove(name);
        _changes.Add((name, null, file));
    }

    public void FlushDirectory()
    {
        OnCall();
        if (_changes.Count > 0)
        {
            _changes.Clear();
            _durableNames = new(_names, StringComparer.Ordinal);
        }
    }

    /// <summary>The node goes down.</summary>
    public void Crash(CrashMode mode)
    {
        _callsToLive = int.MaxValue;
        if (mode == CrashMode.Kill)
        {
            return;
        }

        // A file that nobody can name any more is in no list, but a change that is undone may bring it back.
        var seen = new HashSet<VirtualFile>();
        List<VirtualFile> files = [.. _durableNames.Values, .. _names.Values];
        _changes.ForEach(change => files.Add(change.File));
        foreach (VirtualFile file in files)
        {
            if (seen.Add(file))
            {
                file.Crash(generator, mode);
            }
        }

        CrashDirectory(mode);
    }

    internal void OnCall()
    {
        if (_callsToLive != int.MaxValue && --_callsToLive < 0)
        {
            throw new ProcessDiedException();
        }
    }

    private void CrashDirectory(CrashMode mode)
    {
        int inOrder = (int)generator.Below((ulong)_changes.Count + 1);
        for (int i = 0; i < _changes.Count; i++)
        {
            bool isKept = mode switch
            {
                CrashMode.DropAll => false,
                CrashMode.KeepAll => true,
                CrashMode.Tear => generator.Chance(500),
                _ => i < inOrder,
            };
            if (isKept)
            {
                Keep(_changes[i]);
            }
        }

        _changes.Clear();
        _names = new(_durableNames, StringComparer.Ordinal);
    }

    private void Keep((string? From, string? To, VirtualFile File) change)
    {
        if (change.From is not null && !(_durableNames.TryGetValue(change.From, out VirtualFile? file) && file == change.File))
        {
            return;
        }

        if (change.From is not null)
        {
            _durableNames.Remove(change.From);
        }

        if (change.To is not null)
        {
            _durableNames[change.To] = change.File;
        }
    }

    private sealed class Handle(VirtualFile file) : IDiskFile
    {
        private bool _isClosed;

        public long Length => Opened().Length;

        public int Read(long offset, Span<byte> buffer) => Opened().Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => Opened().Write(offset, bytes);

        public void Flush() => Opened().Flush();

        public void Dispose() => _isClosed = true;

        private VirtualFile Opened()
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return file;
        }
    }
}
