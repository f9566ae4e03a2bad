using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Quorate.Storage;

namespace Quorate.Node;

/// <summary>An open file of a <see cref="FileDisk"/>.</summary>
internal sealed class DiskFile(SafeFileHandle handle, string path, bool unsafeNoFlush) : IDiskFile
{
    public long Length => RandomAccess.GetLength(handle);

    public int Read(long offset, Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => WriteTo(handle, offset, bytes);

    public void Flush()
    {
        if (!unsafeNoFlush && LibC.Fdatasync(handle) != 0)
        {
            throw new DiskFailedException($"Flushing {path} failed: {Marshal.GetLastPInvokeErrorMessage()}. What was written since the last flush cannot be trusted.");
        }
    }

    public void Dispose() => handle.Dispose();

    public static void WriteTo(SafeFileHandle handle, long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (IOException failure)
        {
            throw IsNoSpace(failure)
                ? new DiskFullException("No space left on the disk.", failure)
                : new DiskFailedException($"Writing to the disk failed: {failure.Message}", failure);
        }
    }

    /// <summary>The runtime hands the kernel's error number on in the low bits of HResult.</summary>
    private static bool IsNoSpace(IOException failure) => (failure.HResult & 0xFFFF) is LibC.NoSpace or LibC.QuotaExceeded;
}
