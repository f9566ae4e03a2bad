using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Quorate.State;

/// <summary>
/// Keys by content, for look-ups. The hash is seeded so that a client cannot prepare keys that collide; nothing but speed
/// depends on it.
/// </summary>
internal sealed class KeyBytesComparer(ulong seed) : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode([DisallowNull] ReadOnlyMemory<byte> obj)
    {
        ReadOnlySpan<byte> bytes = obj.Span;
        ulong hash = seed ^ (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong rest = 0;
        for (int index = 0; index < bytes.Length; index++)
        {
            rest |= (ulong)bytes[index] << (8 * index);
        }

        hash = Mix(hash ^ rest);
        return (int)(hash >> 32);
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    internal static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
