namespace Quorate.Storage;

/// <summary>
/// One data directory. Floor 3 implements it twice: over real files and over the virtual disk of the simulator.
/// Calls are synchronous; the driver decides on which thread, or at which virtual time, they run.
/// </summary>
public interface IDisk
{
    /// <summary>The names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Creates a file of <paramref name="length"/> zero bytes whose blocks are allocated (writes inside it cannot run out of space).</summary>
    /// <exception cref="DiskFullException">There is no space; no file is left behind.</exception>
    IDiskFile Create(string name, long length);

    /// <summary>Opens an existing file for reading and writing.</summary>
    IDiskFile Open(string name);

    /// <summary>Renames atomically, replacing the target. Durable only after <see cref="FlushDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file. Durable only after <see cref="FlushDirectory"/>.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    /// <exception cref="DiskFailedException">The kernel reported an error; never retried.</exception>
    void FlushDirectory();
}

/// <summary>An open file of an <see cref="IDisk"/>.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/> on.</summary>
    /// <returns>Bytes read; fewer than asked only at the end of the file.</returns>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes all of <paramref name="bytes"/> at <paramref name="offset"/>, growing the file if need be. Not durable before <see cref="Flush"/>.</summary>
    /// <exception cref="DiskFullException">There is no space; part of it may have been written.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes everything written durable (<c>fdatasync</c>).</summary>
    /// <exception cref="DiskFailedException">The kernel reported an error. Nothing written since the last success may be trusted, and it is never retried.</exception>
    void Flush();
}
