using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Quorate.Storage;

namespace Quorate.Node;

/// <summary>
/// A data directory on a real file system, held by this process alone. Flushes go to <c>fdatasync</c> directly: .NET's own flush
/// calls return success when the kernel reports an error on Linux (facts/reliability §0).
/// </summary>
internal sealed class FileDisk : IDisk, IDisposable
{
    private const string LockName = "lock";
    private readonly string _directory;
    private readonly bool _unsafeNoFlush;
    private readonly FileStream _lock;

    /// <param name="directory">The directory; made if it is not there, readable by its owner alone.</param>
    /// <param name="unsafeNoFlush">Flush nothing. A power cut then loses acknowledged writes.</param>
    /// <exception cref="DirectoryInUseException">Another process holds it.</exception>
    public FileDisk(string directory, bool unsafeNoFlush)
    {
        _directory = Path.GetFullPath(directory);
        _unsafeNoFlush = unsafeNoFlush;
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string lockPath = Path.Combine(_directory, LockName);
        try
        {
            _lock = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (File.Exists(lockPath))
        {
            throw new DirectoryInUseException(_directory, failure);
        }
    }

    /// <summary>Size of the whole file system.</summary>
    public long TotalBytes => new DriveInfo(_directory).TotalSize;

    /// <summary>What is left of it for this process.</summary>
    public long FreeBytes => new DriveInfo(_directory).AvailableFreeSpace;

    /// <summary>What the files here take, by their lengths.</summary>
    public long UsedBytes => new DirectoryInfo(_directory).EnumerateFiles().Sum(file => LengthOf(file));

    public IReadOnlyList<string> List() =>
        Directory.EnumerateFiles(_directory).Select(path => Path.GetFileName(path)).Where(name => name != LockName).Order(StringComparer.Ordinal).ToList();

    public IDiskFile Create(string name, long length)
    {
        string path = Path.Combine(_directory, name);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            Allocate(handle, length);
            return new DiskFile(handle, path, _unsafeNoFlush);
        }
        catch (IOException)
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public IDiskFile Open(string name)
    {
        string path = Path.Combine(_directory, name);
        return new DiskFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read), path, _unsafeNoFlush);
    }

    public void Rename(string from, string to) => File.Move(Path.Combine(_directory, from), Path.Combine(_directory, to), overwrite: true);

    public void Delete(string name) => File.Delete(Path.Combine(_directory, name));

    public void FlushDirectory()
    {
        if (_unsafeNoFlush)
        {
            return;
        }

        int descriptor = LibC.Open(_directory, LibC.OpenDirectory | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            throw new DiskFailedException($"The data directory {_directory} cannot be opened to be flushed.");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.Fsync(handle) != 0)
        {
            throw new DiskFailedException($"Flushing the data directory {_directory} failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    public void Dispose() => _lock.Dispose();

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // It was deleted or renamed meanwhile.
            return 0;
        }
    }

    /// <summary>Allocates blocks, so that no later write inside the file can run out of space.</summary>
    private static void Allocate(SafeFileHandle handle, long length)
    {
        if (length == 0 || LibC.Fallocate(handle, 0, 0, length) == 0)
        {
            return;
        }

        int error = Marshal.GetLastPInvokeError();
        if (error is LibC.NoSpace or LibC.QuotaExceeded)
        {
            throw new DiskFullException($"No space for a file of {length} bytes.");
        }

        // The file system cannot allocate without writing: write the zeros.
        byte[] zeros = new byte[1 << 20];
        for (long offset = 0; offset < length; offset += zeros.Length)
        {
            DiskFile.WriteTo(handle, offset, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)));
        }
    }
}
