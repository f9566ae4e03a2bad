namespace Quorate.Replica.Tests;

/// <summary>What can happen to a few bytes on their way.</summary>
internal static class Damage
{
    /// <summary>No decoder of a small message has a reason to allocate more than this, whatever the message announces.</summary>
    private const long MaxBytesAllocated = 64 << 10;

    /// <summary>Every proper prefix.</summary>
    public static IEnumerable<byte[]> Prefixes(byte[] bytes) => Enumerable.Range(0, bytes.Length).Select(length => bytes[..length]);

    /// <summary>Every single bit flipped, every byte at its least and its most, and one byte too many.</summary>
    public static IEnumerable<byte[]> Changes(byte[] bytes)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            yield return With(bytes, bit / 8, (byte)(bytes[bit / 8] ^ (1 << (bit % 8))));
        }

        for (int at = 0; at < bytes.Length; at++)
        {
            yield return With(bytes, at, 0);
            yield return With(bytes, at, 0xFF);
        }

        for (int at = 0; at + 10 <= bytes.Length; at++)
        {
            // The largest varint there is, and one that never ends.
            byte[] huge = [.. bytes];
            huge.AsSpan(at, 9).Fill(0xFF);
            huge[at + 9] = 1;
            yield return huge;
            yield return With(huge, at + 9, 0xFF);
        }

        yield return [.. bytes, 0];
    }

    /// <summary>Runs a decoder: it answers or throws <see cref="FormatException"/>, and allocates little.</summary>
    /// <returns>Whether it took the bytes.</returns>
    public static bool IsTaken(byte[] bytes, Func<byte[], bool> decode)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool taken;
        try
        {
            taken = decode(bytes);
        }
        catch (FormatException)
        {
            taken = false;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytesAllocated);
        return taken;
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        byte[] changed = [.. bytes];
        changed[at] = value;
        return changed;
    }
}
